"""The tables of a village's profile and of its rectification; the rules of `geo.store.models` hold."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store.models import Base, Coded, Recorded


def _one_standing(name: str, *columns: str) -> Index:
    """Of records that supersede each other only one stands."""
    return Index(
        name,
        *columns,
        unique=True,
        sqlite_where=text("superseded_at IS NULL"),
        postgresql_where=text("superseded_at IS NULL"),
    )


class VillageText(Recorded, Base):
    """What is written about a village: problem, plans, sheets (`TextKind`); ``year`` 0 where it has none."""

    __tablename__ = "village_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"))
    kind: Mapped[str] = mapped_column(String(30))
    year: Mapped[int] = mapped_column(server_default="0")
    body: Mapped[str] = mapped_column(Text)
    __table_args__ = (_one_standing("village_text_current", "village_code", "kind", "year"),)


class VillageGoal(Recorded, Base):
    """What a village has reached of one of the eight goals in a year, and its own target (S2)."""

    __tablename__ = "village_goal"
    id: Mapped[int] = mapped_column(primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"))
    year: Mapped[int]
    goal: Mapped[str] = mapped_column(String(30))
    value: Mapped[float | None]
    target: Mapped[float | None]
    note: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (_one_standing("village_goal_current", "village_code", "year", "goal"),)


class ChecklistEntry(Recorded, Base):
    """An item of a checklist that a village has done (``done_on``) or has a note on (S4, S2)."""

    __tablename__ = "checklist_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"))
    checklist: Mapped[str] = mapped_column(String(30))
    item: Mapped[str] = mapped_column(String(40))
    done_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (_one_standing("checklist_entry_current", "village_code", "checklist", "item"),)


class Rectification(Coded, Base):
    """A village or branch put on the list (挂牌), one row each time; what became of it are its events."""

    __tablename__ = "rectification"
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_code: Mapped[str] = mapped_column(String(40), index=True)
    village_code: Mapped[str | None] = mapped_column(ForeignKey("village.code"), index=True)
    cause: Mapped[str] = mapped_column(String(40))
    round: Mapped[int] = mapped_column(server_default="1")
    previous_code: Mapped[str | None] = mapped_column(ForeignKey("rectification.code"))
    listed_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(60))


class RectificationEvent(Base):
    """One step of a rectification: appended, never changed; the last one says the state.

    ``due_on``, ``responsible_code`` and ``leader_code`` stand where the step sets them; ``checker_code`` is
    the cadre who looked on the spot.
    """

    __tablename__ = "rectification_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("rectification.code"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date | None]
    responsible_code: Mapped[str | None] = mapped_column(String(40))
    leader_code: Mapped[str | None] = mapped_column(String(40))
    checker_code: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    document_no: Mapped[str | None] = mapped_column(String(80))


class RectificationTask(Recorded, Base):
    """One measure of a rectification's plan, with its owner and its days; a change supersedes."""

    __tablename__ = "rectification_task"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("rectification.code"), index=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    owner_code: Mapped[str | None] = mapped_column(String(40))
    starts_on: Mapped[date]
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (_one_standing("rectification_task_current", "case_code", "number"),)


class Attachment(Recorded, Base):
    """A picture or document of a village, or evidence of a rectification; superseded: taken away."""

    __tablename__ = "attachment"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    village_code: Mapped[str | None] = mapped_column(ForeignKey("village.code"), index=True)
    case_code: Mapped[str | None] = mapped_column(ForeignKey("rectification.code"), index=True)
    task_number: Mapped[int | None]
    use: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(120))
    taken_on: Mapped[date | None]
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    pages: Mapped[int | None]
    removed_by: Mapped[str | None] = mapped_column(String(60))


class AttachmentContent(Base):
    """The bytes of attachments, each once: what was encoded anew here, never what was sent."""

    __tablename__ = "attachment_content"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    preview: Mapped[bytes | None] = mapped_column(LargeBinary)
