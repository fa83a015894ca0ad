"""Everything that one kind of responsibility can cover, and who covers it: what owners are set on."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.ownership import CELL_STATES
from geo.answers.scope import few_codes, readable
from geo.codes import TOWNSHIP
from geo.crs import STORED_CRS
from geo.frames import is_among
from geo.store import queries
from geo.store.aggregates import household_counts
from geo.store.engine import Store
from geo.vocabulary import RESPONSIBILITY_RULES, EntityKind, Rank, ResponsibilityKind

COLUMNS = (
    "code",
    "target_kind",
    "name",
    "village_code",
    "village_name",
    "township_code",
    "households",
    "holders",
    "holder_codes",
    "assistants",
    "since",
    "until",
    "state",
)
_COUNTED = [str(kind) for kind in (EntityKind.TOWNSHIP, EntityKind.VILLAGE, EntityKind.CELL)]
_LAYERS = {
    EntityKind.TOWNSHIP: "townships",
    EntityKind.VILLAGE: "villages",
    EntityKind.AREA: "areas",
    EntityKind.GROUP: "groups",
    EntityKind.BRANCH: "branches",
    EntityKind.CELL: "cells",
    EntityKind.HOUSEHOLD: "households",
    EntityKind.CADRE: "cadres",
}


def target_table(
    store: Store, actor: Actor, kind: ResponsibilityKind, *, as_of: date, township: str = ""
) -> gpd.GeoDataFrame:
    """Every thing of a territory that a kind of responsibility can cover on a day, and who covers it.

    Parameters
    ----------
    township : str
        Township code; ``""`` for everything the actor may read.

    Returns
    -------
    GeoDataFrame in EPSG:4490, sorted by kind of target and code
        `COLUMNS` and ``geometry`` (missing for what has no place, and for households where the actor may not
        see their positions). ``holders`` and ``assistants`` are names
        separated by ``、``, ``holder_codes`` codes separated by ``;``; ``since`` and ``until`` (exclusive)
        are those of the first primary holder; ``state`` is unowned, owned, or contested where more hold it
        than the kind allows. Households are called by their codes. Empty where there is nothing.

    Raises
    ------
    PermissionError_
        The township lies outside the actor's scope.
    """
    within = readable(actor, township)
    with store.read() as session:
        parts = [
            _targets(session, target, within=within, as_of=as_of)
            for target in RESPONSIBILITY_RULES[kind].targets
        ]
        targets = pd.concat(parts, ignore_index=True)
        held = _held(session, kind, targets["code"], as_of)
        homes = household_counts(session, as_of=as_of, within=within)
        villages = queries.layer_frame(session, "villages", within=within).set_index("code")["name"]
    columns = {
        "village_name": targets["village_code"].map(villages),
        "households": _homes_of(targets, homes),
        **_holders(targets["code"], held, at_most=RESPONSIBILITY_RULES[kind].at_most),
    }
    table = targets.assign(**columns)[[*COLUMNS, "geometry"]]
    if not actor.sees_positions:
        is_home = table["target_kind"] == str(EntityKind.HOUSEHOLD)
        table["geometry"] = table["geometry"].where(~is_home, None)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=STORED_CRS)


def _targets(session: Session, kind: EntityKind, *, within: tuple[str, ...], as_of: date) -> pd.DataFrame:
    """``code, target_kind, name, village_code, township_code, geometry`` of one kind of thing."""
    layer = _LAYERS[kind]
    frame = queries.layer_frame(session, layer, as_of=as_of, within=within)
    if kind is EntityKind.CADRE:
        frame = _resident_cadres(session, frame, within=within, as_of=as_of)
    village = _village_of(frame, kind)
    name = frame["code"] if kind is EntityKind.HOUSEHOLD else frame["name"].astype(object)
    return pd.DataFrame(
        {
            "code": frame["code"],
            "target_kind": str(kind),
            "name": name.where(name.notna(), frame["code"]),
            "village_code": village,
            "township_code": frame["code"] if kind is EntityKind.TOWNSHIP else village.str[:TOWNSHIP],
            "geometry": frame["geometry"] if "geometry" in frame.columns else None,
        }
    )


def _village_of(frame: pd.DataFrame, kind: EntityKind) -> pd.Series:
    """The village a thing lies in; of an area the first; none for townships."""
    if kind is EntityKind.VILLAGE:
        return frame["code"]
    if "village_code" in frame.columns:
        return frame["village_code"]
    if kind is EntityKind.AREA:
        return frame["village_codes"].str.split(";").str[0]
    return pd.Series(None, index=frame.index, dtype="str")


def _resident_cadres(
    session: Session, cadres: pd.DataFrame, *, within: tuple[str, ...], as_of: date
) -> pd.DataFrame:
    """The cadres that live in a village of the territory, with that village."""
    living = queries.responsibilities(
        session, as_of=as_of, kinds=[str(ResponsibilityKind.RESIDENT_CADRE)], within=within
    )
    village = living.drop_duplicates("holder_code").set_index("holder_code")["target_code"]
    found = cadres[is_among(cadres["code"], village.index)].reset_index(drop=True)
    return found.assign(village_code=found["code"].map(village).astype("str"))


def _held(session: Session, kind: ResponsibilityKind, codes: pd.Series, as_of: date) -> pd.DataFrame:
    """Records of the kind in force over the targets, with the holders' names."""
    held = queries.responsibilities(session, as_of=as_of, kinds=[str(kind)], targets=few_codes(codes))
    held = held[is_among(held["target_code"], codes)]
    names = queries.entity_names(session, held["holder_code"]).drop_duplicates("code").set_index("code")
    called = held["holder_code"].map(names["name"])
    return held.assign(holder=called.where(called.notna(), held["holder_code"]))


def _homes_of(targets: pd.DataFrame, homes: pd.DataFrame) -> pd.Series:
    """Households in each cell, village or township; missing where a count means nothing."""
    township = homes["village_code"].str[:TOWNSHIP]
    counts = [homes.groupby(key)["households"].sum() for key in ("cell_code", "village_code", township)]
    found = targets["code"].map(pd.concat(counts)).astype("Int64")
    return found.mask(is_among(targets["target_kind"], _COUNTED) & found.isna(), 0)


def _holders(code: pd.Series, held: pd.DataFrame, *, at_most: int | None) -> dict[str, pd.Series]:
    assists = held["rank"] == str(Rank.ASSISTANT)
    first = held[~assists].drop_duplicates(["target_code", "holder_code"]).groupby("target_code")
    count = code.map(first.size()).fillna(0).astype(int)
    states = count.clip(upper=2) if at_most == 1 else count.clip(upper=1)
    return {
        "holders": _joined(code, first["holder"].agg("、".join)),
        "holder_codes": _joined(code, first["holder_code"].agg(";".join)),
        "assistants": _joined(code, held[assists].groupby("target_code")["holder"].agg("、".join)),
        "since": code.map(first["valid_from"].first()).astype(object),
        "until": code.map(first["valid_to"].first()).astype(object),
        "state": states.map(dict(enumerate(CELL_STATES))).astype("str"),
    }


def _joined(code: pd.Series, texts: pd.Series) -> pd.Series:
    return code.map(texts).astype(object).fillna("").astype("str")
