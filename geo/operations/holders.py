"""What somebody holds, and who could hold it instead: the frames that `geo.analysis.handover` weighs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.analysis.candidates import candidates_for
from geo.analysis.classify import village_labels
from geo.analysis.network import holder_places
from geo.analysis.suitability import wanted_units
from geo.analysis.workload import LOAD_KINDS, holder_loads
from geo.codes import CELL, TOWNSHIP, VILLAGE, is_division_code
from geo.crs import STORED_CRS
from geo.operations.rules_now import rules_of_years
from geo.store import queries
from geo.store.aggregates import households_in_cells
from geo.store.loads import kind_loads
from geo.store.subjects import positions_of, villages_of
from geo.vocabulary import Rank, ResponsibilityKind

OFFICER = str(ResponsibilityKind.GRID_OFFICER)


def held_from(session: Session, holder_code: str, *, on: date) -> pd.DataFrame:
    """Records of a holder in force on a day or starting later, assisting included, by kind and target."""
    held = queries.responsibilities(session, holders=[holder_code])
    lasting = held[np.array([end is None or end > on for end in held["valid_to"]], dtype=bool)]
    return lasting.sort_values(["kind", "target_code", "valid_from"], ignore_index=True)


def villages_by_target(session: Session, targets: Collection[str]) -> dict[str, list[str]]:
    """Codes of the villages that things lie in; of a township none, and none for what lies nowhere."""
    own_codes = {code for code in targets if not _is_division(code)}
    found = villages_of(session, own_codes)
    return {
        code: found.get(code, []) if code in own_codes else [code[:VILLAGE]] if len(code) >= VILLAGE else []
        for code in set(targets)
    }


def places_by_target(targets: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Territory codes that a change of each thing writes, given its villages; ``""`` for the county's own."""
    return {
        code: list(villages) or [code if _is_division(code) else ""] for code, villages in targets.items()
    }


def _is_division(code: str) -> bool:
    return any(is_division_code(code, digits) for digits in (TOWNSHIP, VILLAGE, CELL))


def holdings_frame(session: Session, held: pd.DataFrame, *, on: date, as_of: date) -> gpd.GeoDataFrame:
    """Records as `geo.analysis.handover.propose_successors` takes them, on the index of ``held``.

    Parameters
    ----------
    on : date
        The day from which somebody else is to hold them.
    as_of : date
        The day whose villages' problems count.
    """
    targets = held["target_code"].astype(object)
    villages = villages_by_target(session, set(targets))
    wants = _wants(session, {each for codes in villages.values() for each in codes}, as_of)
    homes = _homes(session, held, on)
    return gpd.GeoDataFrame(
        {
            "kind": held["kind"].astype(object),
            "target_code": targets,
            "rank": held["rank"].astype(object),
            "township_code": targets.map(lambda code: _township(code, villages[code])),
            "wants": targets.map(lambda code: _joined(wants, villages[code])),
            "households": targets.map(homes).fillna(0).astype(int),
        },
        geometry=target_points(session, villages).reindex(targets).to_numpy(),
        crs=STORED_CRS,
    )


def candidates_frame(
    session: Session, kinds: Collection[str], *, on: date, everybody: bool = False
) -> gpd.GeoDataFrame:
    """Everybody who suits one of the kinds on a day, with what they bear and where they are.

    Parameters
    ----------
    everybody : bool
        Whether those who don't suit come too.

    Returns
    -------
    GeoDataFrame in EPSG:4490
        ``kind, code, name, unit_code, unit_kind, level, duty, fit, township_code, load, geometry``, by kind
        and code. The place is the base; for who has none the middle of what is held. ``township_code`` is
        where most of what is held lies, else where the base is; missing where neither is known.
    """
    cadres = queries.layer_frame(session, "cadres", as_of=on)
    units = queries.layer_frame(session, "units", as_of=on)
    loads = kind_loads(session, kinds, as_of=on)
    bases = holder_places(cadres, units).drop_duplicates("code").set_index("code").geometry
    parts = []
    for kind in sorted(kinds):
        load = loads[loads["kind"] == kind].set_index("holder_code")["load"]
        of_kind = ResponsibilityKind(kind)
        found = candidates_for(of_kind, cadres, units, load.index, everybody=everybody)
        parts.append(found.assign(load=found["code"].map(load).fillna(0).astype(int)))
    found = pd.concat(parts, ignore_index=True)
    held = queries.responsibilities(session, as_of=on, kinds=sorted(set(kinds) & {OFFICER}))
    placed = gpd.GeoDataFrame(
        found, geometry=_bases(session, found, bases, kinds, on).to_numpy(), crs=STORED_CRS
    )
    return placed.assign(township_code=_home_townships(session, placed, held))


def officer_households(session: Session, townships: Collection[str], *, on: date) -> pd.Series:
    """Households in the cells of these townships that each officer answers for first, by code."""
    held = queries.responsibilities(session, as_of=on, kinds=[OFFICER], within=townships)
    leads = held[held["rank"] != str(Rank.ASSISTANT)].drop_duplicates(["holder_code", "target_code"])
    counted = households_in_cells(session, set(leads["target_code"]), as_of=on)
    return leads["target_code"].map(counted).fillna(0).groupby(leads["holder_code"]).sum()


def borne_by(session: Session, holders: Collection[str], *, on: date) -> pd.DataFrame:
    """What holders carry on a day, as `geo.analysis.workload.holder_loads` says."""
    held = queries.responsibilities(session, as_of=on, kinds=LOAD_KINDS, holders=sorted(holders))
    cells = held.loc[held["kind"] == OFFICER, "target_code"]
    return holder_loads(held, households_in_cells(session, set(cells), as_of=on), holders)


def _homes(session: Session, held: pd.DataFrame, on: date) -> dict[str, int]:
    """Households of the cells among the targets."""
    cells = held.loc[held["kind"] == OFFICER, "target_code"]
    return households_in_cells(session, set(cells), as_of=on)


def _township(code: str, villages: Sequence[str]) -> str | None:
    if _is_division(code):
        return code[:TOWNSHIP]
    return villages[0][:TOWNSHIP] if villages else None


def _joined(wants: Mapping[str, str], villages: Sequence[str]) -> str:
    units = {unit for code in villages for unit in wants.get(code, "").split(";") if unit}
    return ";".join(sorted(units))


def _wants(session: Session, villages: Collection[str], as_of: date) -> dict[str, str]:
    """Kinds of unit that the problems of villages ask for."""
    townships = {code[:TOWNSHIP] for code in villages}
    known = queries.layer_frame(session, "villages", within=townships)
    designations = queries.designations(session, as_of=as_of)
    indicators = queries.indicators(session, as_of=as_of)
    labels = village_labels(known, indicators, designations, rules_of_years(session), as_of=as_of)
    wanted: dict[str, str] = wanted_units(labels).to_dict()
    return wanted


def target_points(session: Session, villages: Mapping[str, Sequence[str]]) -> gpd.GeoSeries:
    """A point for each thing: its own, else the middle of its villages'."""
    own = positions_of(session, set(villages))
    lacking = {code: codes for code, codes in villages.items() if code not in own.index and codes}
    around = positions_of(session, {each for codes in lacking.values() for each in codes})
    middle = {
        code: shapely.MultiPoint([around[each] for each in codes if each in around.index]).centroid
        for code, codes in lacking.items()
    }
    both = {**own.to_dict(), **{code: point for code, point in middle.items() if not point.is_empty}}
    return gpd.GeoSeries(both, crs=STORED_CRS, dtype=None if both else "geometry")


def _bases(
    session: Session, found: pd.DataFrame, bases: gpd.GeoSeries, kinds: Collection[str], on: date
) -> pd.Series:
    """Where candidates are, on the index of ``found``: at their base, else amid what they hold."""
    lacking = set(found["code"]) - set(bases.index)
    place = found["code"].map(bases.to_dict())
    if not lacking:
        return place
    held = queries.responsibilities(session, as_of=on, kinds=sorted(kinds))
    held = held[held["holder_code"].isin(lacking)]
    points = target_points(session, villages_by_target(session, set(held["target_code"])))
    known = held[held["target_code"].isin(points.index)]
    middle = {
        code: shapely.MultiPoint(points.reindex(part["target_code"]).tolist()).centroid
        for code, part in known.groupby("holder_code")
    }
    return place.where(place.notna(), found["code"].map(middle))


def _home_townships(session: Session, placed: gpd.GeoDataFrame, held: pd.DataFrame) -> pd.Series:
    """Which township officers belong to: where they hold most, else where their base lies."""
    most = _most_frequent(held["target_code"].str[:TOWNSHIP], held["holder_code"])
    home = placed["code"].map(most).astype(object)
    lacking = placed[(placed["kind"] == OFFICER) & home.isna() & placed.geometry.notna()]
    if lacking.empty:
        return home
    townships = queries.layer_frame(session, "townships")
    point, at = shapely.STRtree(townships.geometry.to_numpy()).query(
        lacking.geometry.to_numpy(), "intersects"
    )
    home.loc[lacking.index[point]] = townships["code"].to_numpy(object)[at]
    return home


def _most_frequent(codes: pd.Series, keys: pd.Series) -> pd.Series:
    """The commonest code by key, of equally common ones the smallest."""
    counted = codes.groupby([keys, codes]).size().rename_axis(["key", "code"]).reset_index(name="count")
    ordered = counted.sort_values(["key", "count", "code"], ascending=[True, False, True])
    return ordered.drop_duplicates("key").set_index("key")["code"]
