"""Faults in the work teams: villages with nobody, teams too small, heads whose term is over."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.codes import COUNTY, township_of
from seeds.bench import Bench, new_rows
from seeds.figures import poor_villages
from seeds.ledger import FROM, TERM_FROM
from seeds.outline import DEGREE_M
from seeds.responsibility import REACH_M
from seeds.teams import TEAM_OF_POOR

_UNSTAFFED, _SMALL_TEAMS, _NO_TOWNSHIP_CADRE, _INACTIVE = 7, 6, 3, 5


def unstaffed_villages(bench: Bench) -> None:
    """Weak villages, not poor, with nobody living in them; the township's deputy stands in as head."""
    weak = bench.designations[(bench.designations["label"] == "weak") & bench.designations["valid_to"].isna()]
    villages = bench.frames["villages"]
    special = villages.loc[villages["old_revolutionary"] | villages["ethnic_minority"], "code"]
    free = weak.loc[
        ~weak["village_code"].isin([*poor_villages(bench.frames["indicators"]), *special]), "village_code"
    ]
    deputies = _deputies(bench)
    near = [code for code in free if _is_in_reach(bench, deputies[township_of(code)], code)]
    chosen = bench.draw(np.array(near, dtype=object), bench.size.share(_UNSTAFFED))
    residents = bench.current("resident_cadre")
    bench.dismiss(residents.loc[residents["target_code"].isin(chosen), "holder_code"].to_numpy())
    for kind in ("township_cadre", "team_head"):
        bench.add(new_rows(kind, [deputies[township_of(code)] for code in chosen], chosen))
    bench.taken |= set(chosen)
    bench.note("village_unstaffed", "软弱涣散村没有驻村干部", list(chosen))


def understaffed_teams(bench: Bench) -> None:
    """Poor villages with two in the team, and others whose team has nobody of the township."""
    residents = bench.current("resident_cadre")
    heads = set(bench.current("team_head")["holder_code"])
    poor = set(poor_villages(bench.frames["indicators"])) - bench.taken
    full = residents.groupby("target_code").size()
    teams = np.array([code for code in full.index if code in poor and full[code] == TEAM_OF_POOR], object)
    count, without = bench.size.share(_SMALL_TEAMS), bench.size.share(_NO_TOWNSHIP_CADRE)
    chosen = bench.rng.permutation(bench.draw(teams, count + without))
    small, closed = np.sort(chosen[:count]), np.sort(chosen[count:])
    first = residents[residents["target_code"].isin(small) & ~residents["holder_code"].isin(heads)]
    later = first.sort_values(["target_code", "holder_code"]).groupby("target_code").tail(1)
    bench.dismiss(later["holder_code"].to_numpy())
    bench.note("team_understaffed", "工作组不足 3 人", list(small))
    _send_from_county(bench, residents.loc[residents["target_code"].isin(closed), "holder_code"])
    bench.note("team_understaffed", "工作组没有镇干部", list(closed))
    bench.taken |= set(chosen)


def inactive_heads(bench: Bench) -> None:
    """Team heads whose own term in the village is over while they still answer for it on paper."""
    residents = bench.current("resident_cadre")
    alone = residents["target_code"].drop_duplicates(keep=False)
    chosen = bench.draw(np.intersect1d(_plain_villages(bench), alone), bench.size.share(_INACTIVE))
    ended = residents[residents["target_code"].isin(chosen)]
    bench.frames["responsibilities"].loc[ended.index, ["valid_from", "valid_to"]] = [FROM, TERM_FROM]
    bench.taken |= set(chosen)
    bench.busy |= set(ended["holder_code"])
    holders = sorted(ended["holder_code"])
    bench.note(
        "owner_inactive", "驻村任期已满，仍挂名工作组", holders, villages=[str(code) for code in chosen]
    )


def _plain_villages(bench: Bench) -> np.ndarray:
    """Villages that no rule puts first and no fault has touched."""
    villages = bench.frames["villages"]
    first = set(poor_villages(bench.frames["indicators"])) | set(bench.designations["village_code"])
    special = villages["old_revolutionary"] | villages["ethnic_minority"]
    return villages.loc[~special & ~villages["code"].isin(first | bench.taken), "code"].to_numpy()


def _is_in_reach(bench: Bench, cadre: str, village: str) -> bool:
    """Whether the middle of a village is near enough to a cadre's desk."""
    villages, cadres = bench.frames["villages"], bench.frames["cadres"]
    middle = villages.loc[villages["code"] == village].geometry.iloc[0].centroid
    desk = cadres.loc[cadres["code"] == cadre].geometry.iloc[0]
    return bool(np.hypot(*((np.array(middle.coords[0]) - desk.coords[0]) * DEGREE_M)) < REACH_M)


def _deputies(bench: Bench) -> dict[str, str]:
    """Deputy secretary of each township's government."""
    cadres = bench.frames["cadres"]
    found = cadres[cadres["duty"] == "党委副书记"]
    town = bench.frames["villages"]["code"].str[:COUNTY].iloc[0] + found["unit_code"].str[2:]
    return dict(zip(town, found["code"], strict=True))


def _send_from_county(bench: Bench, members: pd.Series) -> None:
    """Turn a team's township cadres into ones that the county sent."""
    cadres, local = bench.frames["cadres"], bench.current("township_cadre")
    bench.drop(local[local["holder_code"].isin(members)])
    moved = cadres["code"].isin(members) & (cadres["level"] == "township")
    sender = bench.frames["units"].loc[lambda units: units["parent_code"].notna(), "parent_code"].iloc[0]
    cadres = cadres.copy()
    cadres.loc[moved, ["level", "unit_code", "duty"]] = ["county", sender, "党建指导员"]
    bench.frames["cadres"] = cadres
