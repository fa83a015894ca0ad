"""Correcting a village's figures of a year: with source, day and reason; what stood before stays known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor, require_write
from geo.analysis.indicators import figure_faults
from geo.codes import VILLAGE, require_code
from geo.errors import ConflictError, InputError, OthersChange
from geo.frames import LAYERS
from geo.i18n import _
from geo.operations.changes import Changes
from geo.operations.ownership import require_reason
from geo.operations.register_check import checked_row
from geo.operations.rules_now import day_of
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.indicators import replace_figures, standing_figures
from geo.store.merging import text_lengths
from geo.store.models import VillageIndicator
from geo.store.records import lock_writers
from geo.store.rows import village_exists
from geo.store.subjects import townships_of_places
from geo.store.types import as_utc
from geo.store.versions import bump

_LAYER = LAYERS["indicators"]
_STATED = ("village_code", "year", "source", "reported_on")
FIGURES = tuple(name for name in _LAYER.column_names if name not in _STATED)
"""Columns of the layer that are figures."""


def correct_indicators(
    store: Store,
    actor: Actor,
    village_code: str,
    year: int,
    values: Mapping[str, Any],
    *,
    source: str,
    reported_on: date,
    reason: str,
    now: datetime,
    seen: datetime | None,
) -> bool:
    """Put right, or enter, what is on record of a village in a year.

    Parameters
    ----------
    values : mapping
        Names of `FIGURES`; what is not named stays, None empties a figure.
    source : str
        Where the figures come from.
    reported_on : date
        When they were reported.
    seen : datetime or None
        ``recorded_at`` of the record the actor saw; None: there was none.

    Returns
    -------
    bool
        Whether anything was written: what stands already is not recorded again.

    Raises
    ------
    PermissionError_
        The actor may not write in the village.
    InputError
        No source or reason, an unknown figure, or figures that cannot be true; all of them are told.
    ConflictError
        Somebody else recorded the year since.
    """
    require_write(actor, require_code(village_code, VILLAGE))
    why, origin = require_reason(reason), _require_source(source)
    _require_figures(values)
    with store.write() as session:
        lock_writers(session)
        _require_village(session, village_code)
        standing = standing_figures(session, village_code, year)
        _require_seen(standing, seen, village_code, year)
        held = _values_of(standing)
        stated = {"village_code": village_code, "year": year, "source": origin, "reported_on": reported_on}
        wanted = _checked(session, held | dict(values) | stated, today=day_of(now))
        changed = [name for name in wanted if wanted[name] != held.get(name)]
        if not changed:
            return False
        replace_figures(session, standing, wanted, now=now, user=actor.user)
        before, after = ({"year": year} | _only(given, changed) for given in (held, wanted))
        record(
            session,
            actor,
            "indicators.correct",
            now=now,
            subject=village_code,
            before=before if standing else None,
            after=after,
            reason=why,
        )
        bump(session, _LAYER.name, townships_of_places(session, [village_code]))
    return True


def sourced(changes: Changes, given: pd.DataFrame, *, file: str, day: date) -> Changes:
    """Changes in which new figures say where they come from: as the file says, else its name and the day.

    Figures that stand keep the source they had.

    Parameters
    ----------
    given : frame of the layer ``indicators``
        What the file says, before anything stored was filled in.
    """
    own = given.set_index([*_LAYER.key])[["source", "reported_on"]]
    return replace(
        changes,
        added=_sourced(changes.added, own, file, day),
        changed=_sourced(changes.changed, own, file, day),
    )


def _sourced(frame: pd.DataFrame, own: pd.DataFrame, file: str, day: date) -> pd.DataFrame:
    if frame.empty:
        return frame
    said = own.reindex(pd.MultiIndex.from_frame(frame[[*_LAYER.key]]))
    name = file[: text_lengths(_LAYER.name)["source"]]
    days = said["reported_on"].astype(object)
    return frame.assign(
        source=said["source"].fillna(name).to_numpy(),
        reported_on=days.where(days.notna(), day).to_numpy(),
    )


def _require_source(source: str) -> str:
    if not source.strip():
        raise InputError(_("请填写数据来源。"))
    return source.strip()


def _require_figures(values: Mapping[str, Any]) -> None:
    unknown = [name for name in values if name not in FIGURES]
    if unknown:
        raise InputError(_("没有名为“{names}”的指标。").format(names="、".join(unknown)))


def _require_village(session: Session, code: str) -> None:
    if not village_exists(session, code):
        raise InputError(_("没有代码为 {code} 的村。").format(code=code))


def _require_seen(
    standing: VillageIndicator | None, seen: datetime | None, village_code: str, year: int
) -> None:
    if (standing.recorded_at if standing else None) == (as_utc(seen) if seen else None):
        return
    hint = _("请核对最新内容后再保存，填写的内容没有丢失。")
    if standing is None:
        raise ConflictError(_("{year} 年的数据已不在库中。").format(year=year), hint=hint)
    said = _("{year} 年的数据刚刚由账号“{user}”修改过。").format(year=year, user=standing.recorded_by)
    other = OthersChange(village_code, said, standing.recorded_by, standing.recorded_at)
    raise ConflictError(said, hint=hint, others=[other])


def _values_of(standing: VillageIndicator | None) -> dict[str, Any]:
    return {name: getattr(standing, name) for name in _LAYER.column_names} if standing else {}


def _checked(session: Session, values: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The row by the rules of import and by those of one village's figures; `InputError` on any fault."""
    frame = checked_row(session, _LAYER, values, today=today).frame
    row: dict[str, Any] = frame.astype(object).where(frame.notna(), None).iloc[0].to_dict()
    faults = figure_faults(row, today=today)
    if faults:
        raise InputError("".join(faults), hint=_("请改正后再保存，填写的内容没有丢失。"))
    return row


def _only(values: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: values.get(name) for name in names}
