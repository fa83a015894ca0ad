"""Which unit suits which village (PUB, domain §5): the one definition that planning and checking share."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geo.vocabulary import UnitKind, VillageLabel, WeakCause

FITS, UNFIT, UNKNOWN = "fits", "unfit", "unknown"
"""One of the units sent is of a kind the village asks for; none is; of some that is not known."""

_UNIT_FOR_LABEL = {
    str(VillageLabel.WEAK): str(UnitKind.PARTY),
    str(VillageLabel.POOR): str(UnitKind.ECONOMIC),
    str(VillageLabel.HOLLOW): str(UnitKind.ECONOMIC),
}
_UNIT_FOR_CAUSE = {
    str(WeakCause.PETITIONS): str(UnitKind.POLITICAL_LEGAL),
    str(WeakCause.ECONOMY_BEHIND): str(UnitKind.ECONOMIC),
}


def wanted_units(labels: pd.DataFrame) -> pd.Series:
    """Which kinds of unit each village's problems ask for, separated by ``;``.

    Parameters
    ----------
    labels : DataFrame ``village_code, label, cause``
        As `geo.analysis.classify.village_labels` gives them; a missing cause says nothing.

    Returns
    -------
    Series of str by village code; villages without such a problem are absent.
    """
    village = labels[["village_code"]]
    by_label = village.assign(unit=labels["label"].map(_UNIT_FOR_LABEL))
    by_cause = village.assign(unit=labels["cause"].map(_UNIT_FOR_CAUSE))
    asked = pd.concat([by_label, by_cause]).dropna(subset=["unit"]).drop_duplicates()
    return asked.sort_values(["village_code", "unit"]).groupby("village_code")["unit"].agg(";".join)


def unit_fits(wants: Mapping[str, str], sent: pd.DataFrame) -> dict[str, str]:
    """Whether the units that sent somebody to a village are of a kind it asks for.

    Parameters
    ----------
    wants : mapping of str to str
        Kinds by village code, as of `wanted_units`.
    sent : DataFrame ``village_code, unit_kind``
        One row for whoever was sent; the kind is missing where the unit is not known.

    Returns
    -------
    dict
        `FITS`, `UNFIT` or `UNKNOWN` by village code. Villages that ask for nothing, and those to which nobody
        was sent, are absent.
    """
    asking = sent[sent["village_code"].isin(list(wants))]
    found: dict[str, str] = {}
    for code, part in asking.groupby("village_code"):
        kinds = set(part["unit_kind"].dropna())
        if kinds & set(wants[str(code)].split(";")):
            found[str(code)] = FITS
        else:
            found[str(code)] = UNKNOWN if part["unit_kind"].isna().any() else UNFIT
    return found
