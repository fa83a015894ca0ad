"""The rows of the list of priority villages: labels, people, units, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd

from geo.analysis.classify import priority_codes
from geo.analysis.periods import is_missing
from geo.analysis.staffing import (
    MUST_STAFF_LABELS,
    RESIDENTS_MIN,
    TEAM_KINDS,
    TOWNSHIP,
    people_serving,
)
from geo.analysis.suitability import unit_fits, wanted_units
from geo.answers.labels import LabelBook, joined_labels, label_flags
from geo.frames import is_among, joined_texts
from geo.i18n import _
from geo.rules import Rules
from geo.vocabulary import VillageLabel, label_of


@dataclass(frozen=True)
class Serving:
    """Who serves the villages on a day.

    Attributes
    ----------
    residents : frame of `geo.store.sending.residents`
    held : DataFrame
        Responsibilities of the `TEAM_KINDS` in force.
    rules : Rules
        Of the day: how many a team needs.
    """

    residents: pd.DataFrame
    held: pd.DataFrame
    rules: Rules


def priority_rows(
    book: LabelBook, serving: Serving, township_names: Mapping[str, str] | pd.Series, *, as_of: date
) -> gpd.GeoDataFrame:
    """One row for each village that bears a label or is suspected of one.

    Returns
    -------
    GeoDataFrame in EPSG:4490, sorted by code
        ``code, name, township_code, township_name, kind``; ``labels`` (separated by ``;``), one flag a label,
        ``priority`` (weak, poor or election-priority), ``must_staff`` (those and the attributes: 应派);
        ``residents`` (how many cadres live there), ``resident_names`` (separated by ``、``), ``team`` (how
        many different people serve), ``township_cadres``, ``staffed``; ``units`` (names of those that sent
        residents), ``wants`` (kinds of unit asked for, separated by ``;``), ``fit`` (fits, unfit, unknown, ""
        where nothing is asked for or nobody was sent); ``missing`` (in words; "" where nothing is);
        ``suspects`` (labels suggested and not decided, separated by ``;``), ``contradictions`` (in words);
        ``since`` (of the first label with a day, or None), ``reasons`` (in words); ``geometry``.
    """
    day = book.on(as_of)
    labels, undecided = day.labels, day.undecided
    listed = is_among(book.villages["code"], {*labels["village_code"], *undecided["village_code"]})
    villages = book.villages[listed].reset_index(drop=True)
    code = villages["code"]
    must = labels.loc[labels["label"].isin([str(label) for label in MUST_STAFF_LABELS]), "village_code"]
    found = villages[["code", "name", "township_code", "kind"]].assign(
        labels=joined_labels(code, labels),
        **label_flags(code, labels),
        priority=is_among(code, priority_codes(labels)),
        must_staff=is_among(code, must),
        **_people(code, serving),
        **_units(code, labels, serving.residents),
    )
    found["missing"] = _missing(found, serving.rules)
    found["suspects"] = joined_labels(code, undecided)
    found["contradictions"] = _texts(code, day.contradictions, "text", "")
    found["since"] = code.map(_first_days(labels)).astype(object).where(lambda days: days.notna(), None)
    found["reasons"] = _reasons(code, labels)
    found.insert(3, "township_name", found["township_code"].map(township_names))
    return gpd.GeoDataFrame(found, geometry=villages.geometry, crs=villages.crs)


def _people(code: pd.Series, serving: Serving) -> dict[str, pd.Series]:
    living = serving.residents.drop_duplicates(["village_code", "holder_code"])
    called = living.assign(name=living["name"].fillna(living["holder_code"]))
    residents = _count(code, living["village_code"].value_counts())
    return {
        "residents": residents,
        "resident_names": _texts(code, called, "name", "、"),
        "team": _count(code, people_serving(serving.held, TEAM_KINDS)),
        "township_cadres": _count(code, people_serving(serving.held, (TOWNSHIP,))),
        "staffed": residents >= RESIDENTS_MIN,
    }


def _units(code: pd.Series, labels: pd.DataFrame, residents: pd.DataFrame) -> dict[str, pd.Series]:
    wants = wanted_units(labels)
    known = residents.dropna(subset=["unit_name"]).drop_duplicates(["village_code", "unit_code"])
    return {
        "units": _texts(code, known.sort_values("unit_code", kind="stable"), "unit_name", "、"),
        "wants": _text(code.map(wants)),
        "fit": _text(code.map(unit_fits(wants.to_dict(), residents))),
    }


def _missing(found: pd.DataFrame, rules: Rules) -> pd.Series:
    """What the gap rules village_unstaffed and team_understaffed would say of each village."""
    least, local = rules["team_cadres_min"].value, rules["team_township_cadres_min"].value
    nobody, no_township = _("没有驻村干部"), _("镇干部 {count} 人（应不少于 {least:g} 人）")
    small = _("工作组只有 {count} 人（应不少于 {least:g} 人）")
    columns = ["must_staff", "staffed", str(VillageLabel.POOR), "team", "township_cadres"]
    said = []
    for must, staffed, is_poor, team, township in found[columns].itertuples(index=False, name=None):
        lacking = [nobody] if must and not staffed else []
        if is_poor and team < least:
            lacking.append(small.format(count=team, least=least))
        if township < local:
            lacking.append(no_township.format(count=township, least=local))
        said.append(_("、").join(lacking))
    return pd.Series(said, index=found.index, dtype="str")


def _reasons(code: pd.Series, labels: pd.DataFrame) -> pd.Series:
    pattern, names = _("{label}：{reason}"), {str(label): label_of(label) for label in VillageLabel}
    said = [
        pattern.format(label=names[label], reason=str(reason).rstrip("。"))
        for label, reason in zip(labels["label"], labels["reason"], strict=True)
    ]
    return _texts(code, labels.assign(text=said), "text", "；")


def _first_days(labels: pd.DataFrame) -> dict[str, date]:
    found: dict[str, date] = {}
    for code, day in zip(labels["village_code"], labels["since"], strict=True):
        if not is_missing(day):
            found[str(code)] = min(day, found.get(str(code), day))
    return found


def _texts(code: pd.Series, rows: pd.DataFrame, column: str, between: str) -> pd.Series:
    """The texts about each village, one after another; "" for none."""
    return _text(code.map(joined_texts(rows[column], rows["village_code"], between)))


def _text(values: pd.Series) -> pd.Series:
    return values.astype(object).fillna("").astype("str")


def _count(code: pd.Series, counts: pd.Series) -> pd.Series:
    return code.map(counts).fillna(0).astype(int)
