"""Pictures and documents on a page: choosing and uploading, showing, taking away.

A browser gets them from ``/attachment/…`` (`pages.web.routes`), which asks again who may see them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import partial
from html import escape
from itertools import groupby
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from geo.access import Actor
from geo.errors import AppError
from geo.exchange.uploads import JPEG
from geo.exchange.village_profile import Picture
from geo.i18n import _
from geo.operations.attachments import attach, remove_attachment
from geo.operations.rules_now import rules_on
from geo.store.engine import Store
from geo.vocabulary import AttachmentUse, label_of
from pages.ui.saying import say
from pages.ui.text import plain

KINDS = ["jpg", "jpeg", "png", "webp", "pdf"]
VILLAGE_USES = tuple(use for use in AttachmentUse if use is not AttachmentUse.EVIDENCE)
_SIDE_BY_SIDE = (AttachmentUse.THEN, AttachmentUse.NOW)


def file_field(store: Store, label: str, *, key: str) -> UploadedFile | None:
    """A field for one picture or PDF, as large as the rules allow; what it holds is not checked yet."""
    with store.read() as session:
        most = rules_on(session, date.today())["upload_megabytes_max"].value
    limit = _("图片或 PDF，最大 {most} MB；位置等附带信息不保存。").format(most=f"{most:g}")
    return st.file_uploader(label, KINDS, key=key, help=limit, max_upload_size=max(1, round(most)))


def upload_form(
    store: Store,
    actor: Actor,
    village_code: str,
    *,
    key: str,
    uses: Sequence[AttachmentUse] = VILLAGE_USES,
) -> None:
    """Fields for one more picture or document of a village; a refusal leaves them as they are."""
    form = _form_key(key)
    use = st.selectbox(_("用途 *"), uses, format_func=label_of, key=f"{form}_use")
    file = file_field(store, _("文件 *"), key=f"{form}_file")
    title = st.text_input(_("说明"), key=f"{form}_title", autocomplete="off")
    taken = st.date_input(
        _("拍摄或编制日期"), None, max_value=date.today(), format="YYYY-MM-DD", key=f"{form}_day"
    )
    sent = st.button(_("上传"), type="primary", disabled=file is None, width="stretch", key=f"{form}_send")
    if sent and file is not None:
        put = partial(
            attach,
            store,
            actor,
            content=file.getvalue(),
            filename=file.name,
            use=use,
            village_code=village_code,
            title=title,
            taken_on=taken if isinstance(taken, date) else None,
            now=datetime.now(UTC),
        )
        _do(key, _("已上传。"), put)


def removal_form(store: Store, actor: Actor, pictures: Sequence[Picture], *, key: str) -> None:
    """Choose one of the pictures and take it off the record, with a reason.

    They are numbered, as the field cannot tell two apart that are called the same; when somebody else brings
    or takes one, the form begins afresh, so that a number never comes to mean another file.
    """
    if not pictures:
        return
    titles = {
        picture.code: f"{number}. {_titled(picture)}" for number, picture in enumerate(pictures, start=1)
    }
    form = f"{_form_key(key)}_{hash(tuple(titles))}"
    with st.form(form, border=False):
        code = st.selectbox(
            _("要删除的文件"),
            list(titles),
            format_func=titles.get,
            index=None,
            placeholder=_("请选择"),
            key=f"{form}_code",
        )
        reason = st.text_input(_("理由 *"), key=f"{form}_reason", autocomplete="off")
        sent = st.form_submit_button(_("删除"), width="stretch")
    if sent and code:
        take = partial(remove_attachment, store, actor, code, reason=reason, now=datetime.now(UTC))
        _do(key, _("已删除。"), take)


def pictures_of(rows: Iterable[Mapping[str, Any]]) -> list[Picture]:
    """Rows of attachments, such as the evidence of a task, as pictures."""
    names = [field.name for field in fields(Picture)]
    return [Picture(**{name: row[name] for name in names}) for row in rows]


def gallery_html(pictures: Sequence[Picture]) -> str:
    """Pictures by what they are for; then and now stand side by side. A click opens one at full size.

    They come in the order of their uses (`geo.answers.attachments.pictures`); none give "".
    """
    groups = {use: list(found) for use, found in groupby(pictures, lambda picture: picture.use)}
    pair = "".join(_group_html(use, groups.get(use, [])) for use in _SIDE_BY_SIDE if groups.get(use))
    others = "".join(
        _group_html(AttachmentUse(use), found) for use, found in groups.items() if use not in _SIDE_BY_SIDE
    )
    return f'<div class="gallery"><div class="pair">{pair}</div>{others}</div>' if pictures else ""


def evidence_list(evidence: Iterable[Mapping[str, Any]]) -> None:
    """The evidence of a task as small pictures that open (rows with ``code``, ``title``, ``media_type``)."""
    rows = [
        _figure_html(row["code"], row["title"], row["media_type"], str(row.get("taken_on") or ""))
        for row in evidence
    ]
    if rows:
        st.html(f'<div class="gallery"><div class="files">{"".join(rows)}</div></div>')
    else:
        st.caption(_("还没有佐证材料。"))


def _group_html(use: AttachmentUse, pictures: Iterable[Picture]) -> str:
    figures = "".join(
        _figure_html(
            picture.code,
            picture.title,
            picture.media_type,
            picture.taken_on.isoformat() if picture.taken_on else "",
        )
        for picture in pictures
    )
    return f'<section><h4>{escape(label_of(use))}</h4><div class="files">{figures}</div></section>'


def _figure_html(code: str, title: str, media_type: str, day: str) -> str:
    kind = "" if media_type == JPEG else '<span class="kind">PDF</span>'
    address, said = escape(f"/attachment/{code}"), escape(title)
    return (
        f'<figure><a href="{address}" target="_blank" title="{said}">'
        f'<img src="{address}?preview=1" alt="{said}" loading="lazy">{kind}</a>'
        f"<figcaption>{said}<small>{escape(day)}</small></figcaption></figure>"
    )


def _titled(picture: Picture) -> str:
    day = picture.taken_on.isoformat() if picture.taken_on else ""
    return " · ".join(part for part in (label_of(AttachmentUse(picture.use)), picture.title, day) if part)


def _form_key(key: str) -> str:
    """A key that changes when a form has been sent, so that it begins empty."""
    return f"{key}_{st.session_state.get(f'{key}_turn', 0)}"


def _do(key: str, said: str, act: Callable[[], object]) -> None:
    try:
        act()
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return
    st.session_state[f"{key}_turn"] = st.session_state.get(f"{key}_turn", 0) + 1
    say(said)
    st.rerun()
