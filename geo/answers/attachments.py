"""Which pictures and documents are on record of a village or a rectification, and their bytes."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from geo.access import Actor, require_read
from geo.exchange.uploads import JPEG
from geo.exchange.village_profile import Picture
from geo.operations.attachments import no_attachment
from geo.operations.rectification.case import case_named
from geo.store import attachments as held
from geo.store.engine import Store
from geo.vocabulary import AttachmentUse

_EVIDENCE_COLUMNS = [
    "code",
    "task_number",
    "title",
    "taken_on",
    "media_type",
    "width",
    "height",
    "pages",
    "size_bytes",
    "recorded_at",
    "recorded_by",
]
_ORDER = list(AttachmentUse)


def pictures(
    store: Store,
    actor: Actor,
    village_code: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> tuple[Picture, ...]:
    """Pictures and documents of a village by what they are for, each kind in the order of their days.

    Parameters
    ----------
    as_of : date or None
        Without those taken later; what has no day is always there.
    known_at : datetime or None
        Without those that came later. What was taken away since is gone for good, whenever one asks.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    """
    require_read(actor, village_code)
    with store.read() as session:
        found = held.village_pictures(session, village_code)
    if known_at is not None:
        found = found[found["recorded_at"] <= known_at]
    rows = found.astype(object).where(found.notna(), None).to_dict("records")
    shown = [row for row in rows if as_of is None or row["taken_on"] is None or row["taken_on"] <= as_of]
    shown.sort(key=lambda row: _ORDER.index(AttachmentUse(row["use"])))
    names = ("code", "use", "title", "taken_on", "media_type", "width", "height", "size_bytes")
    return tuple(Picture(**{name: row[name] for name in names}) for row in shown)


def evidence_table(store: Store, actor: Actor, case_code: str) -> pd.DataFrame:
    """The evidence of a rectification by task and the order it came in.

    Returns
    -------
    DataFrame
        ``code, task_number, title, taken_on, media_type, width, height, pages, size_bytes, recorded_at,
        recorded_by``; empty while there is none.

    Raises
    ------
    InputError
        There is no such case.
    PermissionError_
        Its village lies outside the actor's scope; or it has none, and the actor's scope is not the county.
    """
    with store.read() as session:
        require_read(actor, case_named(session, case_code).place)
        return held.case_evidence(session, [case_code])[_EVIDENCE_COLUMNS]


def attachment_content(store: Store, actor: Actor, code: str, *, preview: bool = False) -> tuple[str, bytes]:
    """Media type and bytes of an attachment; a preview is a small JPEG whatever it is of.

    Raises
    ------
    CodeError
        There is no such attachment, or the actor may not see it: nothing tells which.
    """
    if not code.isprintable():  # no code of ours, and databases refuse some of these signs
        raise no_attachment()
    with store.read() as session:
        attachment = held.standing_attachment(session, code)
        if attachment is None or not actor.can_read(attachment.village_code or ""):
            raise no_attachment()
        content = held.content_of(session, attachment.sha256, preview=preview)
    if content is None:
        raise no_attachment()
    return (JPEG if preview else attachment.media_type), content
