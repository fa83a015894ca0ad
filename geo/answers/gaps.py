"""Where responsibility has gaps (domain §4): as a table, as a document, between two days, day by day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import geopandas as gpd

from geo.access import Actor
from geo.answers.gap_book import Progress, gaps_on
from geo.answers.gap_days import gap_changes, gap_diff, gap_series, ratio_changes
from geo.answers.gap_rows import gap_documents, gap_features, named_gaps, seen_gaps
from geo.answers.scope import readable
from geo.errors import InputError
from geo.i18n import _
from geo.rules.gap_kinds import gap_kinds
from geo.store.engine import Store

__all__ = [
    "gap_changes",
    "gap_diff",
    "gap_documents",
    "gap_features",
    "gap_series",
    "gap_table",
    "gaps",
    "ratio_changes",
    "require_kinds",
]


def gap_table(
    store: Store,
    actor: Actor,
    *,
    as_of: date,
    known_at: datetime | None = None,
    within: str = "",
    kinds: Collection[str] = (),
    by_cell: bool = False,
    progress: Progress | None = None,
) -> gpd.GeoDataFrame:
    """The gaps that an account may see, the worst first.

    Parameters
    ----------
    known_at : datetime or None
        As far as was known at that moment; None: as is known now.
    within : str
        Code of a township or village; ``""`` means all the actor may read.
    kinds : collection of str
        Only these kinds; none means all.
    by_cell : bool
        Whether household gaps are counted by cell even for an account that may see single households.
    progress : callable or None
        Gets the share that is done (0–1) and what is being done, in words.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        `GAP_COLUMNS`, `SEVERITY_COLUMNS`, `NAME_COLUMNS` and ``geometry``. Who may not see single households
        gets one row a kind and cell (or village, for households without a cell): ``value`` is their number.

    Raises
    ------
    PermissionError_
        ``within`` lies outside the actor's scope.
    InputError
        There is no such kind of gap.
    """
    territory = readable(actor, within)
    require_kinds(kinds)
    found = gaps_on(store, as_of=as_of, known_at=known_at, progress=progress)
    gaps = seen_gaps(found, actor, territory, kinds, by_cell=by_cell)
    with store.read() as session:
        return named_gaps(session, gaps, found.evidence)


def require_kinds(kinds: Collection[str]) -> None:
    """Raise `InputError` for a kind of gap that there is not."""
    for kind in kinds:
        if kind not in gap_kinds():
            raise InputError(
                _("没有名为“{kind}”的缺口。").format(kind=kind),
                hint=_("可用的缺口：{kinds}。").format(kinds=_("、").join(gap_kinds())),
            )


def gaps(
    store: Store,
    actor: Actor,
    *,
    as_of: date,
    known_at: datetime | None = None,
    within: str = "",
    kinds: Collection[str] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The document of ``minqing gaps``; parameters and errors as of `gap_table`."""
    table = gap_table(
        store, actor, as_of=as_of, known_at=known_at, within=within, kinds=kinds, progress=progress
    )
    return {
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "within": within,
        "gaps": gap_documents(table),
    }
