"""Work teams: resident cadres by S2's rule, their heads, their mentors, and who was there before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seeds.figures import poor_villages
from seeds.ledger import FROM, TERM_FROM, TERM_TO, Land, Ledger, a_house_in
from seeds.people import CITY_UNIT, PROVINCE_UNIT, Roster, department_codes, government_of
from seeds.size import Size

TEAM_OF_POOR, TEAM_OF_OTHERS = 3, 1  # S2
_LEVELS = np.array([37, 305, 1365, 3402]) / 5109  # S2: province, city, county, township


def assign_teams(
    land: Land,
    town_heads: dict[str, np.ndarray],
    roster: Roster,
    ledger: Ledger,
    size: Size,
    rng: np.random.Generator,
) -> None:
    """Work teams by S2's rule: three resident cadres for a poor village, one for others; one is local."""
    posts = _posts(land, size, rng)
    homes = a_house_in(posts["village_code"].to_numpy(), land.households, rng)
    posts["code"] = roster.add(
        homes,
        unit_code=posts["unit_code"].to_numpy(),
        level=posts["level"].to_numpy(),
        duty=posts["duty"].to_numpy(),
    )
    holders, villages = posts["code"].to_numpy(), posts["village_code"].to_numpy()
    ledger.add("resident_cadre", holders, villages, start=TERM_FROM, stop=TERM_TO, reason="驻村一年")
    local = (posts["level"] == "township").to_numpy()
    ledger.add("township_cadre", holders[local], villages[local], reason="镇干部进组")
    heads = posts.groupby("village_code", sort=True).tail(1)
    ledger.add("team_head", heads["code"].to_numpy(), heads["village_code"].to_numpy(), reason="工作组组长")
    sent = posts[~local]
    turn = sent.groupby(sent["village_code"].str[:9]).cumcount()
    mentors = [town_heads[v[:9]][place % 3] for v, place in zip(sent["village_code"], turn, strict=True)]
    ledger.add("mentor", mentors, sent["code"].to_numpy(), start=TERM_FROM, stop=TERM_TO, reason="传帮带")
    _assign_former_residents(land, roster, ledger, rng)


def _posts(land: Land, size: Size, rng: np.random.Generator) -> pd.DataFrame:
    """One row a resident post: village, level, sender, duty; a village's first post is the township's."""
    codes = np.sort(land.villages["code"].to_numpy())
    team = np.where(np.isin(codes, poor_villages(land.indicators)), TEAM_OF_POOR, TEAM_OF_OTHERS)
    wanted = round(size.residents_per_village * len(codes)) - int(team.sum())
    single = np.flatnonzero(team == TEAM_OF_OTHERS)
    if wanted > 0:
        team[rng.choice(single, min(len(single), -(-wanted // 2)), replace=False)] += 2
    village = np.repeat(codes, team)
    first = np.r_[True, village[1:] != village[:-1]]
    level = np.full(len(village), "township", dtype=object)
    above = np.round(_LEVELS[:3] * len(village)).astype(int)
    later = rng.permutation(np.flatnonzero(~first))[: above.sum()]
    level[later] = np.repeat(["province", "city", "county"], above)[: len(later)]
    units = department_codes(land.units)
    sender = np.select(
        [level == "province", level == "city", level == "county"],
        [PROVINCE_UNIT, CITY_UNIT, rng.choice(units, len(village))],
        [government_of(code) for code in village],
    )
    duty = np.where(
        first, "镇驻村干部", rng.choice(["第一书记", "新农村建设指导员", "党建指导员"], len(village))
    )
    return pd.DataFrame({"village_code": village, "level": level, "unit_code": sender, "duty": duty})


def _assign_former_residents(land: Land, roster: Roster, ledger: Ledger, rng: np.random.Generator) -> None:
    """In a quarter of the villages somebody else lived before the present term."""
    codes = np.sort(land.villages["code"].to_numpy())
    before = np.sort(rng.choice(codes, len(codes) // 4, replace=False))
    homes = a_house_in(before, land.households, rng)
    units = rng.choice(department_codes(land.units), len(before))
    former = roster.add(homes, unit_code=units, level="county", duty="驻村干部（期满）")
    ledger.add("resident_cadre", former, before, start=FROM, stop=TERM_FROM, reason="上一轮驻村")
