"""Check one register entry by the rules of import: it is a file of one row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.errors import FileFault, InputError
from geo.exchange.columns import LAT, LON
from geo.exchange.known import Known
from geo.exchange.prepare import Prepared, prepare
from geo.exchange.read import Source
from geo.frames import Layer
from geo.i18n import _
from geo.operations.rules_now import rules_on
from geo.store.lookup import entity_names
from geo.store.queries import layer_frame
from geo.vocabulary import EntityKind

_INSIDE_A_VILLAGE = ("cells", "households", "groups")
_ONE_ROW = pd.Index([1])


class KnownAround(Known):
    """What the store holds around one entry: of its village only, so that a form answers at once in a city.

    A household's cell and group must therefore lie in its own village.
    """

    def __init__(self, session: Session, *, as_of: date, code: str, village_code: str) -> None:
        super().__init__(session, as_of=as_of)
        self._code, self._village = code, village_code

    def frame(self, layer: str) -> pd.DataFrame:
        """All rows of a layer; of layers inside villages, those of the entry's village."""
        if layer in _INSIDE_A_VILLAGE and layer not in self._frames:
            self._frames[layer] = layer_frame(self._session, layer, within=[self._village])
        return super().frame(layer)

    def by_kind(self) -> dict[EntityKind, pd.Series]:
        """What has the entry's code now."""
        found = entity_names(self._session, [self._code])
        return {kind: found.loc[found["kind"] == str(kind), "code"] for kind in EntityKind}


def checked_row(session: Session, layer: Layer, values: Mapping[str, Any], *, today: date) -> Prepared:
    """The entry as a frame of one row by the layer's contract, and what is worth knowing about it.

    Parameters
    ----------
    values : mapping
        The layer's columns; where it has a place also ``lon, lat`` (EPSG:4490) or ``geometry``. What is
        absent or None is empty.

    Raises
    ------
    InputError
        Everything that is wrong, in one sentence each.
    """
    table = pd.DataFrame(
        {name: [_plain(values.get(name))] for name in layer.column_names}, index=_ONE_ROW, dtype=object
    )
    if layer.geometry:
        table[LON], table[LAT] = (pd.Series([each], _ONE_ROW, dtype=object) for each in position(values))
    village = str(values.get("village_code") or "")
    known = KnownAround(session, as_of=today, code=str(values.get("code") or ""), village_code=village)
    try:
        ready = prepare(Source(table), layer, known, crs="auto", rules=rules_on(session, today))
    except FileFault as fault:  # the only row is the whole file
        raise InputError(_("位置不在本县一带。"), hint=_("请核对经度和纬度。")) from fault
    if ready.faults:
        said = dict.fromkeys(fault.message.rstrip("。") for fault in ready.faults)
        raise InputError("；".join(said) + "。", hint=_("请改正后再保存，填写的内容没有丢失。"))
    return ready


def position(values: Mapping[str, Any]) -> tuple[Any, Any]:
    """Longitude and latitude that values name, by themselves or by a point; None for none."""
    if LON in values or LAT in values:
        return values.get(LON), values.get(LAT)
    point = values.get("geometry")
    if point is None or shapely.is_empty(point):
        return None, None
    return float(point.x), float(point.y)


def _plain(value: Any) -> Any:
    """A value as a cell of a file would hold it."""
    return value.isoformat() if isinstance(value, date) else value
