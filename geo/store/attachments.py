"""Pictures and documents on record, and their bytes: kept once, and gone with the last that needs them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

import pandas as pd
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from geo.store.conditions import known
from geo.store.reading import read_statement
from geo.store.village_models import Attachment, AttachmentContent
from geo.vocabulary import AttachmentUse

_TOLD = (
    Attachment.code,
    Attachment.village_code,
    Attachment.case_code,
    Attachment.task_number,
    Attachment.use,
    Attachment.title,
    Attachment.taken_on,
    Attachment.media_type,
    Attachment.sha256,
    Attachment.size_bytes,
    Attachment.width,
    Attachment.height,
    Attachment.pages,
    Attachment.recorded_at,
    Attachment.recorded_by,
)
_EVIDENCE = str(AttachmentUse.EVIDENCE)
_A_FEW = 20


def village_pictures(session: Session, village_code: str) -> pd.DataFrame:
    """What stands on record about a village itself, evidence left out, by the day it was taken.

    Returns
    -------
    DataFrame
        ``code, village_code, case_code, task_number, use, title, taken_on, media_type, sha256, size_bytes,
        width, height, pages, recorded_at, recorded_by``; what has no day comes last.
    """
    statement = select(*_TOLD).where(
        Attachment.village_code == village_code, Attachment.use != _EVIDENCE, known(Attachment, None)
    )
    return read_statement(
        session, statement.order_by(Attachment.taken_on.is_(None), Attachment.taken_on, Attachment.id)
    )


def case_evidence(session: Session, case_codes: Collection[str]) -> pd.DataFrame:
    """The evidence that stands of some rectifications, by case, task and order; columns as above."""
    statement = select(*_TOLD).where(
        Attachment.case_code.in_(list(case_codes)), Attachment.use == _EVIDENCE, known(Attachment, None)
    )
    order = (Attachment.case_code, Attachment.task_number, Attachment.id)
    return read_statement(session, statement.order_by(*order))


def standing_attachment(session: Session, code: str) -> Attachment | None:
    """The attachment with this code; None when there is none, or it was taken away."""
    statement = select(Attachment).where(Attachment.code == code, known(Attachment, None))
    return session.scalars(statement).one_or_none()


def content_of(session: Session, sha256: str, *, preview: bool = False) -> bytes | None:
    """The bytes that are kept under a hash, or their preview; None when there are none."""
    column = AttachmentContent.preview if preview else AttachmentContent.content
    return session.scalar(select(column).where(AttachmentContent.sha256 == sha256))


def add_attachment(session: Session, attachment: Attachment, *, content: bytes, preview: bytes) -> None:
    """Put an attachment on record; its bytes only where they are not kept already."""
    session.add(attachment)
    if content_of(session, attachment.sha256) is None:
        session.add(AttachmentContent(sha256=attachment.sha256, content=content, preview=preview))
    session.flush()


def take_away(session: Session, attachment: Attachment, *, now: datetime, user: str) -> None:
    """Say that an attachment stands no longer, and delete its bytes when no other needs them."""
    attachment.superseded_at = now
    attachment.removed_by = user
    session.flush()
    needed = exists().where(Attachment.sha256 == AttachmentContent.sha256, known(Attachment, None))
    session.execute(
        delete(AttachmentContent).where(AttachmentContent.sha256 == attachment.sha256, ~needed),
        execution_options={"synchronize_session": False},
    )


def damaged_attachments(session: Session) -> int:
    """How many attachments have no bytes any more, or others than were put on record."""
    rows = select(AttachmentContent.sha256, AttachmentContent.content).execution_options(yield_per=_A_FEW)
    whole = {
        sha256 for sha256, content in session.execute(rows) if hashlib.sha256(content).hexdigest() == sha256
    }
    standing = session.scalars(select(Attachment.sha256).where(known(Attachment, None)))
    return sum(sha256 not in whole for sha256 in standing)


def has_twin(session: Session, attachment: Attachment) -> bool:
    """Whether another that stands has the same bytes for the same purpose in the same place."""
    same = (
        Attachment.sha256,
        Attachment.village_code,
        Attachment.case_code,
        Attachment.task_number,
        Attachment.use,
        Attachment.taken_on,
    )
    alike = (column.is_not_distinct_from(getattr(attachment, column.key)) for column in same)
    return session.scalars(select(Attachment.id).where(*alike, known(Attachment, None))).first() is not None
