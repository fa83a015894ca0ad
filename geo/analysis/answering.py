"""Which villages a holder, or a unit with its people, answers for as a leader."""

from __future__ import annotations

import pandas as pd

from geo.analysis.coverage import LEADING_KINDS
from geo.frames import is_among

MEMBER_COLUMNS = ["code", "village_code"]


def villages_of_holders(
    responsibilities: pd.DataFrame, villages: pd.DataFrame, area_villages: pd.DataFrame
) -> pd.DataFrame:
    """The villages that each holder answers for by one of `LEADING_KINDS`.

    Parameters
    ----------
    responsibilities : frame in force
    villages : frame of the layer ``villages``
        Others count for nothing.
    area_villages : DataFrame ``area_code, village_code``

    Returns
    -------
    DataFrame
        ``code`` (of a cadre or unit) and ``village_code``, each pair once: the villages held themselves, and
        all those of the townships and areas held. Whatever the rank: a deputy answers for the same villages.
    """
    leading = responsibilities[is_among(responsibilities["kind"], [str(kind) for kind in LEADING_KINDS])]
    known = area_villages[is_among(area_villages["village_code"], villages["code"])]
    code = villages["code"].to_numpy(dtype=object)
    places = [
        (code, code),
        (villages["township_code"].to_numpy(dtype=object), code),
        (known["area_code"].to_numpy(dtype=object), known["village_code"].to_numpy(dtype=object)),
    ]
    within = pd.concat(
        [pd.DataFrame({"target_code": target, "village_code": village}) for target, village in places]
    )
    held = leading[["holder_code", "target_code"]].astype(object).merge(within, on="target_code")
    pairs = held[["holder_code", "village_code"]].set_axis(MEMBER_COLUMNS, axis=1)
    return pairs.drop_duplicates().reset_index(drop=True)


def villages_of_units(answered: pd.DataFrame, cadres: pd.DataFrame) -> pd.DataFrame:
    """The villages that each unit answers for: by its own areas, or because one of its cadres does.

    Parameters
    ----------
    answered : frame of `villages_of_holders`
    cadres : frame of the layer ``cadres``
        A cadre without a unit stands for none.
    """
    unit_of = cadres.set_index("code")["unit_code"].astype(object)
    is_cadre = is_among(answered["code"], cadres["code"])
    unit = answered["code"].where(~is_cadre, answered["code"].map(unit_of))
    pairs = answered.assign(code=unit).dropna(subset=["code"])
    return pairs.drop_duplicates().reset_index(drop=True)
