"""How much holders bear on a day, counted where the data lies."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.store.conditions import known, valid_on
from geo.store.models import Responsibility
from geo.store.reading import read_statement
from geo.vocabulary import Rank


def kind_loads(session: Session, kinds: Collection[str], *, as_of: date) -> pd.DataFrame:
    """How many things each holder answers for first, by kind; holders of nothing are absent.

    Returns
    -------
    DataFrame ``kind, holder_code, load``
    """
    record = Responsibility
    statement = (
        select(record.kind, record.holder_code, func.count(record.target_code.distinct()).label("load"))
        .where(record.kind.in_(sorted(kinds)), record.rank != str(Rank.ASSISTANT))
        .where(valid_on(record, as_of), known(record, None))
        .group_by(record.kind, record.holder_code)
        .order_by(record.kind, record.holder_code)
    )
    return read_statement(session, statement).astype({"load": int})
