"""Single rows that operations look up before they change something."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.store.models import Account, County, Designation, Village
from geo.vocabulary import Role, VillageLabel


def account_named(session: Session, user: str) -> Account | None:
    """The account of that name, disabled ones too."""
    return session.scalars(select(Account).where(Account.user == user)).one_or_none()


def all_accounts(session: Session) -> list[Account]:
    """Every account, disabled ones too, by name."""
    return list(session.scalars(select(Account).order_by(Account.user)))


def working_accounts(session: Session, role: Role) -> int:
    """How many accounts of a role are not disabled."""
    working = select(func.count()).where(Account.role == str(role), Account.disabled.is_(False))
    return session.scalar(working) or 0


def the_county(session: Session) -> County | None:
    """The county this store belongs to, if it is set."""
    return session.scalars(select(County).order_by(County.id)).first()


def village_exists(session: Session, code: str) -> bool:
    """Whether there is a village with this code."""
    return session.scalar(select(Village.id).where(Village.code == code)) is not None


def designated_since(
    session: Session, village_code: str, label: VillageLabel, valid_from: date, valid_to: date | None
) -> date | None:
    """First day of the earliest current designation with this label that overlaps the half-open period."""
    overlapping = select(Designation.valid_from).where(
        Designation.village_code == village_code,
        Designation.label == str(label),
        Designation.superseded_at.is_(None),
        Designation.valid_to.is_(None) | (Designation.valid_to > valid_from),
    )
    if valid_to is not None:
        overlapping = overlapping.where(Designation.valid_from < valid_to)
    return session.scalars(overlapping.order_by(Designation.valid_from)).first()
