"""Pictures and documents of villages, and evidence of rectifications: brought and taken away, on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from geo.access import Actor, require_record
from geo.analysis.rectification.transitions import EDITABLE, transition
from geo.codes import township_of
from geo.errors import CodeError, FileFault, InputError, RuleError, TransitionError
from geo.exchange.check import require_no_national_id
from geo.exchange.uploads import JPEG, Upload, checked_upload, plain_line, title_from
from geo.i18n import _
from geo.operations.rectification.case import Case, case_named, count_change, require_part, require_past
from geo.operations.register_write import require_reason
from geo.operations.rules_now import day_of, rules_on
from geo.store import attachments as held
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.records import lock_writers, new_batch
from geo.store.rectification_records import standing_task
from geo.store.rows import village_exists
from geo.store.versions import bump
from geo.store.village_models import Attachment
from geo.vocabulary import AttachmentUse, CaseAction, CaseState, label_of

LAYER = "attachments"
"""Under this name a picture that came or went counts as a new version of the data."""
_PHOTOS = (AttachmentUse.THEN, AttachmentUse.NOW)


@dataclass(frozen=True)
class _Place:
    """Where an attachment belongs: a village, or a task of a rectification."""

    village_code: str | None
    case: Case | None = None
    task_number: int | None = None

    @property
    def case_code(self) -> str | None:
        return self.case.code if self.case else None


def attach(
    store: Store,
    actor: Actor,
    *,
    content: bytes,
    filename: str,
    use: AttachmentUse,
    village_code: str | None = None,
    case_code: str | None = None,
    task_number: int | None = None,
    title: str = "",
    taken_on: date | None = None,
    now: datetime,
) -> str:
    """Put an uploaded file on record, encoded anew (`geo.exchange.uploads`); gives its code.

    Parameters
    ----------
    content, filename
        As they were sent; the name only lends a title where none is given.
    use : AttachmentUse
        ``evidence`` belongs to a task of a rectification, everything else to a village.
    taken_on : date or None
        The day the picture shows.

    Raises
    ------
    PermissionError_
        The actor may not record the work of this village, or take part in this rectification.
    FileFault
        The file is no image or PDF that may be kept, or a photo is asked for and it is none.
    InputError
        There is no such village, case or task, the day has not come yet, or an identity number in the title.
    TransitionError
        The rectification is being checked or has ended.
    RuleError
        The same file is there already.
    """
    with store.read() as session:  # whoever may not bring it costs no decoding
        _place(session, actor, use, village_code, case_code, task_number)
        rules = rules_on(session, day_of(now))
    upload = checked_upload(content, rules=rules)
    with store.write() as session:
        return attach_in(
            session,
            actor,
            upload,
            use=use,
            village_code=village_code,
            case_code=case_code,
            task_number=task_number,
            title=title or title_from(filename),
            taken_on=taken_on,
            now=now,
        )


def attach_in(
    session: Session,
    actor: Actor,
    upload: Upload,
    *,
    use: AttachmentUse,
    village_code: str | None = None,
    case_code: str | None = None,
    task_number: int | None = None,
    title: str = "",
    taken_on: date | None = None,
    now: datetime,
    mark: str = "",
) -> str:
    """As `attach`, of a checked file and within somebody else's transaction.

    Parameters
    ----------
    mark : str
        Eight characters that tell its code from others of the same moment; empty for random ones.
    """
    lock_writers(session)
    place = _place(session, actor, use, village_code, case_code, task_number)
    if taken_on is not None:
        require_past(taken_on, now)
    attachment = _attachment(actor, upload, place, use=use, title=title, now=now, mark=mark)
    attachment.taken_on = taken_on
    _require_fit(session, attachment, use)
    require_no_national_id(attachment.title)
    held.add_attachment(session, attachment, content=upload.content, preview=upload.preview)
    told = _subject(attachment) | {"title": attachment.title, "media_type": upload.media_type}
    told |= {"sha256": upload.sha256, "size_bytes": len(upload.content)}
    record(session, actor, "attachment.add", now=now, subject=attachment.code, after=told)
    _count(session, place)
    return attachment.code


def _attachment(
    actor: Actor,
    upload: Upload,
    place: _Place,
    *,
    use: AttachmentUse,
    title: str,
    now: datetime,
    mark: str,
) -> Attachment:
    return Attachment(
        code=new_batch("file", now=now, mark=mark),
        village_code=place.village_code,
        case_code=place.case_code,
        task_number=place.task_number,
        use=str(use),
        title=plain_line(title) or label_of(use),
        media_type=upload.media_type,
        sha256=upload.sha256,
        size_bytes=len(upload.content),
        width=upload.width,
        height=upload.height,
        pages=upload.pages,
        recorded_at=now,
        recorded_by=actor.user,
    )


def _require_fit(session: Session, attachment: Attachment, use: AttachmentUse) -> None:
    if use in _PHOTOS and attachment.media_type != JPEG:
        raise FileFault(
            _("“{use}”只能是照片。").format(use=label_of(use)), hint=_("请上传图片，不要上传 PDF。")
        )
    if held.has_twin(session, attachment):
        raise RuleError(_("同一个文件已经上传过。"), hint=_("无需重复上传；如需更换，请先删除原文件。"))


def remove_attachment(store: Store, actor: Actor, code: str, *, reason: str, now: datetime) -> None:
    """Take an attachment off the record; its bytes are deleted unless another attachment has the same.

    Raises
    ------
    CodeError
        There is no such attachment (any more).
    PermissionError_, TransitionError
        As `attach`.
    InputError
        No reason.
    """
    reason = require_reason(reason)
    with store.write() as session:
        lock_writers(session)
        attachment = held.standing_attachment(session, code)
        if attachment is None:
            raise no_attachment()
        use = AttachmentUse(attachment.use)
        place = _place(
            session, actor, use, attachment.village_code, attachment.case_code, attachment.task_number
        )
        held.take_away(session, attachment, now=now, user=actor.user)
        before = _subject(attachment) | {"sha256": attachment.sha256}
        record(session, actor, "attachment.remove", now=now, subject=code, before=before, reason=reason)
        _count(session, place)


def no_attachment() -> CodeError:
    """What is said of an attachment that is not there, or that somebody may not see."""
    return CodeError(_("没有这个文件，或无权查看。"), hint=_("它可能已被删除，请刷新页面。"))


def _place(
    session: Session,
    actor: Actor,
    use: AttachmentUse,
    village_code: str | None,
    case_code: str | None,
    task_number: int | None,
) -> _Place:
    """Where it belongs, if the actor may bring it there or take it away."""
    if (use is AttachmentUse.EVIDENCE) != (case_code is not None):
        raise InputError(_("佐证材料须对应一项整改，其他文件须对应一个村。"))
    if case_code is not None:
        return _task_place(session, actor, case_code, task_number)
    require_record(actor, village_code or "")
    if village_code is None or not village_exists(session, village_code):
        raise InputError(_("没有代码为 {code} 的村。").format(code=village_code or ""))
    return _Place(village_code)


def _task_place(session: Session, actor: Actor, case_code: str, task_number: int | None) -> _Place:
    case = case_named(session, case_code)
    asking = transition(CaseAction.REQUEST, CaseState.WORKING)
    require_part(actor, asking.roles if asking else (), case.place)
    if case.state not in EDITABLE:
        raise TransitionError(
            _("整改处于“{state}”，佐证材料不能再增减。").format(state=label_of(case.state)),
            hint=_("如需补充，请先退回整改。"),
        )
    if task_number is None or standing_task(session, case_code, task_number) is None:
        raise InputError(_("该整改没有第 {number} 项任务。").format(number=task_number or 0))
    return _Place(case.village_code, case, task_number)


def _subject(attachment: Attachment) -> dict[str, str | int | None]:
    return {
        "village_code": attachment.village_code,
        "case_code": attachment.case_code,
        "task_number": attachment.task_number,
        "use": attachment.use,
    }


def _count(session: Session, place: _Place) -> None:
    if place.case is not None:
        count_change(session, place.case.place)
    else:
        bump(session, LAYER, [township_of(place.village_code or "")])
