"""Who could take a kind of responsibility: looked up by a word, offered by fit, distance and load."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.analysis.matching import distances_km
from geo.answers.scope import readable
from geo.crs import STORED_CRS
from geo.operations.holders import borne_by, candidates_frame
from geo.operations.rules_now import rules_on
from geo.rules import Rules
from geo.store.engine import Store
from geo.store.subjects import entries_of
from geo.vocabulary import ResponsibilityKind

COLUMNS = [
    "code",
    "name",
    "unit_name",
    "level",
    "duty",
    "cells",
    "households",
    "distance_km",
    "fit",
]


def candidates(
    store: Store,
    actor: Actor,
    kind: ResponsibilityKind,
    *,
    as_of: date,
    township: str = "",
    text: str = "",
    near: tuple[float, float] | None = None,
    limit: int = 50,
) -> pd.DataFrame:
    """Those who could take a kind of responsibility on a day, the most suitable first.

    Parameters
    ----------
    township : str
        Township code: whoever belongs there stands before the others.
    text : str
        Only those whose name, code, post or unit holds every word of it, whether they suit the kind or not.
    near : (lon, lat) in EPSG:4490 or None
        Where it is.

    Returns
    -------
    DataFrame
        `COLUMNS`. ``cells`` and ``households`` are what they bear: cells they answer for first, and
        households in these cells or paired with them. ``fit`` is 1 for whoever has the level and post of the
        kind, 0.5 where that is not known, else 0; ``distance_km`` is missing where no place is known.

    Raises
    ------
    PermissionError_
        The township lies outside the actor's scope.
    """
    if township:
        readable(actor, township)
    with store.read() as session:
        found = candidates_frame(session, [str(kind)], on=as_of, everybody=bool(text.strip()))
        found["unit_name"] = _unit_names(session, found["unit_code"])
        found = found[_holds_words(found, text)].reset_index(drop=True)
        found["distance_km"] = _distances(found, near)
        found = _in_order(found, township, rules_on(session, as_of)).head(limit).reset_index(drop=True)
        borne = borne_by(session, found["code"].tolist(), on=as_of)
    own = borne.reindex(found["code"].astype(object))
    inside = own["paired" if kind is ResponsibilityKind.STAFF else "households"]
    return pd.DataFrame(
        found.assign(cells=own["cells"].to_numpy(int), households=inside.to_numpy(int))[COLUMNS]
    )


def _unit_names(session: Session, units: pd.Series) -> pd.Series:
    names = entries_of(session, units.dropna().unique().tolist()).drop_duplicates("code")
    return units.map(names.set_index("code")["name"]).astype(object)


def _holds_words(found: pd.DataFrame, text: str) -> pd.Series:
    everything = found[["name", "code", "duty", "unit_name"]].astype(object).fillna("").agg(" ".join, axis=1)
    fits = pd.Series(True, index=found.index)
    for word in text.casefold().split():
        fits &= everything.str.casefold().str.contains(word, regex=False)
    return fits


def _distances(found: gpd.GeoDataFrame, near: tuple[float, float] | None) -> pd.Series:
    if near is None or found.empty:
        return pd.Series(np.nan, index=found.index)
    here = gpd.GeoDataFrame(geometry=[Point(near)], crs=STORED_CRS)
    return pd.Series(distances_km(here, found)[0].round(3), index=found.index)


def _in_order(found: gpd.GeoDataFrame, township: str, rules: Rules) -> gpd.GeoDataFrame:
    """By township, fit, then distance and load weighed against each other."""
    full = max(float(found["load"].max()), 1.0) if len(found) else 1.0
    way = found["distance_km"].fillna(rules["handover_unplaced_km"].value)
    away = found["township_code"].fillna("") != township if township else pd.Series(False, index=found.index)
    weighed = way + found["load"] / full * rules["handover_load_km"].value
    ordered = found.assign(away=away, weighed=weighed, unfit=-found["fit"])
    return ordered.sort_values(["unfit", "away", "weighed", "code"])
