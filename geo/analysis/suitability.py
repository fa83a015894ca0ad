"""Which unit suits which village (PUB, domain §5): the one definition that planning and checking share."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geo.analysis.periods import is_missing
from geo.frames import joined_texts
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
    ordered = asked.sort_values(["village_code", "unit"])
    return pd.Series(joined_texts(ordered["unit"], ordered["village_code"], ";"), dtype="str")


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
    kinds: dict[str, set[str]] = {}
    for code, kind in zip(sent["village_code"], sent["unit_kind"].astype(object), strict=True):
        if code in wants:
            kinds.setdefault(str(code), set()).add("" if is_missing(kind) else str(kind))
    return {code: _fit(set(wants[code].split(";")), there) for code, there in kinds.items()}


def _fit(wanted: set[str], sent: set[str]) -> str:
    """Of one village; "" among those sent is a unit nobody knows."""
    if wanted & sent:
        return FITS
    return UNKNOWN if "" in sent else UNFIT
