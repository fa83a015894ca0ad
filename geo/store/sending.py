"""Who lives in which village for its sake, and which unit sent them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.store.conditions import EVERYWHERE, in_territory, known, valid_on
from geo.store.models import Cadre, Responsibility, Unit
from geo.store.reading import read_statement
from geo.vocabulary import ResponsibilityKind


def residents(
    session: Session,
    *,
    as_of: date | None,
    known_at: datetime | None = None,
    within: Collection[str] = EVERYWHERE,
) -> pd.DataFrame:
    """Resident cadres of villages on a day (None: of every period).

    Returns
    -------
    DataFrame
        ``village_code, holder_code, name, unit_code, unit_name, unit_kind, valid_from, valid_to``, in the
        order of their records; what the registers don't tell is missing.
    """
    statement = (
        select(
            Responsibility.target_code.label("village_code"),
            Responsibility.holder_code,
            Cadre.name.label("name"),
            Cadre.unit_code,
            Unit.name.label("unit_name"),
            Unit.kind.label("unit_kind"),
            Responsibility.valid_from,
            Responsibility.valid_to,
        )
        .outerjoin(Cadre, Cadre.code == Responsibility.holder_code)
        .outerjoin(Unit, Unit.code == Cadre.unit_code)
        .where(
            Responsibility.kind == str(ResponsibilityKind.RESIDENT_CADRE),
            valid_on(Responsibility, as_of),
            known(Responsibility, known_at),
            in_territory(Responsibility.target_code, within),
        )
        .order_by(Responsibility.id)
    )
    return read_statement(session, statement)
