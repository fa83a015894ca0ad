"""The inspection list (督查清单): the gaps of each township, to be taken along, checked and signed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from geo.access import Actor
from geo.analysis.coverage import RATIO_LABELS, RATIO_UNITS
from geo.answers.coverage import coverage_table
from geo.answers.gap_book import Progress, ScoredGaps, gaps_on
from geo.answers.gap_rows import gaps_in, named_gaps, seen_gaps
from geo.answers.gaps import require_kinds
from geo.answers.scope import readable
from geo.exchange.inspection import InspectionList, InspectionRow, Share, TownshipPart
from geo.i18n import _
from geo.rules.gap_kinds import gap_kinds
from geo.store.engine import Store
from geo.store.facts import get_setting
from geo.store.rows import the_county

Format = Literal["pdf", "xlsx"]
FORMATS: dict[str, Format] = {".pdf": "pdf", ".xlsx": "xlsx"}
"""Suffix of a file → what it is."""
_GATHERED, _NAMED = (
    0.7,
    0.1,
)  # shares of the work: finding gaps, then putting the list together; the rest writes
_MOST_KINDS = 6


@dataclass(frozen=True)
class _Facts:
    county: str
    sample: bool


def inspection_file(
    store: Store,
    actor: Actor,
    shape: Format,
    *,
    as_of: date,
    made_at: datetime,
    township: str = "",
    kinds: Collection[str] = (),
    known_at: datetime | None = None,
    progress: Progress | None = None,
) -> bytes:
    """The inspection list as a file: ``pdf`` to be printed or ``xlsx`` to be worked with.

    Parameters and errors as of `inspection_list`.
    """
    told = progress or _nobody
    listed = inspection_list(
        store,
        actor,
        as_of=as_of,
        made_at=made_at,
        township=township,
        kinds=kinds,
        known_at=known_at,
        progress=lambda share, text: told(share * (_GATHERED + _NAMED), text),
    )
    rest = 1 - _GATHERED - _NAMED
    return _writer(shape)(listed, progress=lambda share, text: told(1 - rest + share * rest, text))


def _writer(shape: Format) -> Callable[..., bytes]:
    # Either takes a third of a second to load, which only who wants a file should wait for.
    if shape == "pdf":
        from geo.exchange.inspection_pdf import write_pdf

        return write_pdf
    from geo.exchange.inspection_xlsx import write_xlsx

    return write_xlsx


def inspection_list(
    store: Store,
    actor: Actor,
    *,
    as_of: date,
    made_at: datetime,
    township: str = "",
    kinds: Collection[str] = (),
    known_at: datetime | None = None,
    progress: Progress | None = None,
) -> InspectionList:
    """The gaps of a day that an account may see, by township and who must act, the heaviest first.

    Paper is passed on: households are counted by cell for everybody, and nothing personal of them is told.

    Parameters
    ----------
    made_at : datetime
        When the list is made, as it should be printed.
    township : str
        Code of a township or village; ``""`` means all the actor may read.
    kinds : collection of str
        Only these kinds of gap; none means all.
    known_at : datetime or None
        As far as was known at that moment; None: as is known now.
    progress : callable or None
        Gets the share that is done (0–1) and what is being done, in words.

    Returns
    -------
    InspectionList
        With every township looked at, those without a gap too.

    Raises
    ------
    PermissionError_
        ``township`` lies outside the actor's scope.
    InputError
        There is no such kind of gap.
    """
    territory = readable(actor, township)
    require_kinds(kinds)
    told = progress or _nobody
    found = gaps_on(
        store, as_of=as_of, known_at=known_at, progress=lambda share, text: told(share * 0.9, text)
    )
    told(0.9, _("汇总各乡镇…"))
    ratios = coverage_table(store, actor, by="township", as_of=as_of, known_at=known_at, within=township)
    with store.read() as session:
        gaps = named_gaps(session, _counted(found, actor, territory, kinds), found.evidence)
        county = the_county(session)
        facts = _Facts(county.name if county else "", get_setting(session, "sample") == "yes")
    return InspectionList(
        county=facts.county,
        as_of=as_of,
        filters=_filters(_place(actor, township, found), kinds, known_at),
        made_by=actor.maker,
        made_at=made_at,
        sample=facts.sample,
        parts=tuple(_parts(gaps, ratios, _chosen(kinds))),
    )


def _nobody(_share: float, _text: str) -> None:
    """Nobody wants to know how far it is."""


def _counted(
    found: ScoredGaps, actor: Actor, territory: Collection[str], kinds: Collection[str]
) -> gpd.GeoDataFrame:
    """The gaps of the actor's territory with households counted by cell, whoever asks."""
    return seen_gaps(found, actor, territory, kinds, by_cell=True)


def _chosen(kinds: Collection[str]) -> list[str]:
    return [kind for kind in gap_kinds() if not kinds or kind in kinds]


def _parts(gaps: pd.DataFrame, ratios: pd.DataFrame, kinds: Sequence[str]) -> Iterable[TownshipPart]:
    """A part a township in the order of their codes; last what lies in no township."""
    names = dict(zip(ratios["code"], ratios["name"], strict=True))
    shares = {row["code"]: tuple(_shares(row)) for row in ratios.to_dict("records")}
    lying = gaps["township_code"].fillna("").astype(str)
    named = zip(lying, gaps["township_name"], strict=True)
    names = {**{code: name or code for code, name in named}, **names, "": _("不在任何乡镇")}
    for code in sorted({*shares, *lying}, key=lambda code: (code == "", code)):
        own = gaps[(lying == code).to_numpy()]
        yield TownshipPart(code, names[code], _counts(own, kinds), shares.get(code, ()), tuple(_rows(own)))


def _shares(row: dict[Any, Any]) -> Iterable[Share]:
    for name in RATIO_UNITS:
        of = row[f"{name}_of"]
        ratio = float(row[name]) if of else None
        yield Share(_(RATIO_LABELS[name]), float(row[f"{name}_n"]), float(of), ratio)


def _counts(gaps: pd.DataFrame, kinds: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """How many gaps there are of each kind: households of a cell that are listed together count each."""
    things = gaps_in(gaps).groupby(gaps["kind"]).sum()
    return tuple((_(gap_kinds()[kind].label), int(things.get(kind, 0))) for kind in kinds)


def _rows(gaps: pd.DataFrame) -> Iterable[InspectionRow]:
    for gap in pd.DataFrame(gaps.drop(columns="geometry")).to_dict("records"):
        name, code = gap["target_name"], gap["target_code"]
        yield InspectionRow(
            label=gap["label"],
            target="" if name == code else name,
            code=code,
            village=gap["village_name"] or "",
            value=_number(gap["value"]),
            threshold=_number(gap["threshold"]),
            unit=gap["unit"] or "",
            why=gap["why"],
            since=None if pd.isna(gap["since"]) else gap["since"],
            open_days=None if pd.isna(gap["open_days"]) else int(gap["open_days"]),
            who=gap["who_name"],
        )


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _place(actor: Actor, township: str, found: ScoredGaps) -> str:
    """What part of the county the list is of, in words."""
    if not township and actor.reads_all:
        return _("全县")
    frames = (found.evidence.townships, found.evidence.villages)
    names = {code: name for frame in frames for code, name in zip(frame["code"], frame["name"], strict=True)}
    codes = [township] if township else sorted(actor.scopes)
    return _("、").join(str(names.get(code, code)) for code in codes)


def _filters(place: str, kinds: Collection[str], known_at: datetime | None) -> str:
    """What the list is narrowed to, in words; the shorter of the kinds listed and the kinds left out."""
    chosen, rest = _chosen(kinds), [kind for kind in gap_kinds() if kinds and kind not in kinds]
    if not rest:
        said = _("全部缺口种类")
    elif len(chosen) <= _MOST_KINDS:
        said = _("缺口种类：{kinds}").format(kinds=_labels(chosen))
    else:
        said = _("除{kinds}以外的全部缺口种类").format(kinds=_labels(rest))
    known = [] if known_at is None else [_("按 {time}（UTC）所知").format(time=f"{known_at:%Y-%m-%d %H:%M}")]
    return _("；").join([place, said, *known])


def _labels(kinds: Iterable[str]) -> str:
    return _("、").join(_(gap_kinds()[kind].label) for kind in kinds)
