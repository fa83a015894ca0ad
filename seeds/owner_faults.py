"""Faults in who answers: nobody, two at once, too much, too far away, a link of the chain missing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely

from geo.codes import township_of, village_of
from seeds.bench import LEFT_ON, Bench, new_rows
from seeds.responsibility import OFFICER_CELLS, OFFICER_HOUSEHOLDS

_UNOWNED, _CONTESTED, _UNPAIRED_SHARE = 60, 12, 0.039
_BUSY_STAFF, _BUSY_OFFICERS, _BUSY_EXTRA = 3, 2, 12
_REMOTE_OFFICERS, _REMOTE_STAFF = 3, 2
_AREAS, _BRANCHLESS, _BRANCHES, _GROUPS = 2, 5, 8, 14
_REMOTE_DEG = 0.24  # some 22 km to the east, beyond the county's border
_SAME_OFFICE_DEG = 0.005
_SECOND_CELL_HOUSEHOLDS = 180


def unowned_cells(bench: Bench) -> None:
    """Cells whose officer left with nobody after, and cells that never had one."""
    officers = bench.current("grid_officer")
    chosen = bench.draw(officers["target_code"].to_numpy(), bench.size.share(_UNOWNED))
    gone = officers[officers["target_code"].isin(chosen)]
    left = gone.sample(frac=0.5, random_state=bench.rng) if len(gone) > 1 else gone
    bench.close(left, LEFT_ON, "离任，无人接手")
    bench.drop(gone.drop(left.index))
    bench.note("cell_unowned", "没有主责网格员", list(chosen))


def contested_cells(bench: Bench) -> None:
    """Cells with a second primary officer from the same village."""
    officers = bench.current("grid_officer")
    load = _officer_load(bench, officers)
    spare = load[(load["cells"] < OFFICER_CELLS) & (load["households"] < OFFICER_HOUSEHOLDS // 2)]
    home = officers.groupby("holder_code")["target_code"].first().map(village_of)
    pairs = officers.assign(village=officers["target_code"].map(village_of)).merge(
        home[spare.index].rename("village").rename_axis("second").reset_index(), on="village"
    )
    sizes = bench.frames["households"]["cell_code"].value_counts()
    pairs = pairs[
        (pairs["holder_code"] != pairs["second"])
        & (pairs["target_code"].map(sizes).fillna(0) < _SECOND_CELL_HOUSEHOLDS)
    ]
    pairs = pairs.drop_duplicates("village").sort_values("village")
    chosen = bench.draw(pairs["target_code"].to_numpy(), bench.size.share(_CONTESTED))
    second = pairs[pairs["target_code"].isin(chosen)]
    bench.add(
        new_rows("grid_officer", second["second"].to_list(), second["target_code"].to_numpy(), "2025-12-01")
    )
    bench.busy |= set(second["second"]) | set(second["holder_code"])
    bench.note("cell_contested", "同时有两名主责网格员", list(chosen))


def _officer_load(bench: Bench, officers: pd.DataFrame) -> pd.DataFrame:
    """Cells and households of every officer."""
    sizes = bench.frames["households"]["cell_code"].value_counts()
    load = officers.assign(houses=officers["target_code"].map(sizes).fillna(0))
    return load.groupby("holder_code").agg(cells=("target_code", "nunique"), households=("houses", "sum"))


def overloaded_officers(bench: Bench) -> None:
    """Officers who took a fourth cell over from a colleague in the same township."""
    officers = bench.current("grid_officer")
    cells = officers.groupby("holder_code").size()
    full = cells[(cells == OFFICER_CELLS) & ~cells.index.isin(bench.busy)].index
    donors = officers[officers["holder_code"].isin(cells[(cells == 2) & ~cells.index.isin(bench.busy)].index)]
    donors = donors.drop_duplicates("holder_code")
    chosen = []
    for holder in bench.draw(full.to_numpy(), len(full)):
        if len(chosen) == bench.size.share(_BUSY_OFFICERS):
            break
        home = officers.loc[officers["holder_code"] == holder, "target_code"].iloc[0]
        near = donors[donors["target_code"].map(_near(home)) & ~donors["holder_code"].isin(bench.busy)]
        if len(near):
            bench.frames["responsibilities"].loc[near.index[0], "holder_code"] = holder
            bench.busy |= {holder, near["holder_code"].iloc[0]}
            chosen.append(holder)
    bench.note("owner_overloaded", "网格员负责 4 个网格", chosen, responsibility="grid_officer")


def _near(code: str) -> Callable[[str], bool]:
    """Whether another cell lies in the same village: then no officer has far to go."""
    return lambda other: village_of(other) == village_of(code)


def overloaded_staff(bench: Bench) -> None:
    """Members of staff who took households over from the colleague with the next ones."""
    staff = bench.current("staff")
    desks = bench.frames["cadres"].set_index("code").geometry
    towns = staff.groupby("holder_code")["target_code"].first().map(township_of)
    pairs = [
        (giver, taker)
        for (giver, town), (taker, other) in zip(
            list(towns.sort_index().items())[::2], list(towns.sort_index().items())[1::2], strict=False
        )
        if town == other and shapely.distance(desks[giver], desks[taker]) < _SAME_OFFICE_DEG
    ]
    chosen = []
    for number in np.sort(bench.rng.choice(len(pairs), bench.size.share(_BUSY_STAFF), replace=False)):
        giver, taker = pairs[number]
        moved = staff[staff["holder_code"] == giver].tail(_BUSY_EXTRA)
        bench.frames["responsibilities"].loc[moved.index, "holder_code"] = taker
        bench.busy |= {giver, taker}
        chosen.append(taker)
    bench.note("owner_overloaded", "包户超过 30 户", chosen, responsibility="staff")


def unpaired_households(bench: Bench) -> None:
    """Households whose member of staff was moved away without a successor, or that were never paired."""
    staff = bench.current("staff")
    free = np.setdiff1d(staff["holder_code"].unique(), sorted(bench.busy))
    wanted = max(1, round(_UNPAIRED_SHARE * len(bench.frames["households"])))
    order = pd.Series(np.arange(len(free)), index=bench.rng.permutation(free))
    place = staff["holder_code"].map(order)
    gone = staff[place.notna()].assign(place=place).sort_values(["place", "target_code"]).head(wanted)
    left = gone[gone["place"] % 2 == 0]
    bench.close(left, LEFT_ON, "调离，未安排接续")
    bench.drop(gone.drop(left.index))
    bench.busy |= set(gone["holder_code"])
    bench.note("household_unpaired", "没有包户干部", sorted(gone["target_code"]))


def remote_owners(bench: Bench) -> None:
    """Officers and staff who moved beyond the county's border but kept what they cover."""
    for kind, count in (("grid_officer", _REMOTE_OFFICERS), ("staff", _REMOTE_STAFF)):
        rows = bench.current(kind)
        free = np.setdiff1d(rows["holder_code"].unique(), sorted(bench.busy))
        chosen = bench.draw(free, bench.size.share(count))
        cadres = bench.frames["cadres"].copy()
        moved = cadres["code"].isin(chosen).to_numpy()
        places = shapely.get_coordinates(cadres.geometry[moved])
        places[:, 0] += _REMOTE_DEG
        cadres.loc[moved, "geometry"] = shapely.points(places.round(7))
        bench.frames["cadres"] = cadres
        bench.busy |= set(chosen)
        covered = int(rows["holder_code"].isin(chosen).sum())
        bench.note("owner_remote", "住地超过 10 公里", list(chosen), responsibility=kind, covered=covered)


def broken_chains(bench: Bench) -> None:
    """Areas without department, villages without branch, branches and groups without their holder."""
    branches = bench.frames["branches"]
    own = branches["village_code"].dropna().to_numpy()
    villages = bench.draw(own, bench.size.share(_BRANCHLESS))
    lost = branches.loc[branches["village_code"].isin(villages), "code"]
    bench.frames["branches"] = branches[~branches["code"].isin(lost)].reset_index(drop=True)
    orphaned = bench.current("org_cadre")
    bench.drop(orphaned[orphaned["target_code"].isin(lost)])
    bench.note("chain_broken", "村没有党支部", list(villages), level="org_cadre", target="village")
    rural = bench.frames["branches"]
    rural = rural.loc[rural["village_code"].notna(), "code"].to_numpy()
    for kind, target, codes, count, cause in (
        ("org_cadre", "branch", rural, _BRANCHES, "党支部没有组工干部"),
        ("department", "area", bench.frames["areas"]["code"].to_numpy(), _AREAS, "片没有包片单位"),
        ("sub_office", "group", bench.frames["groups"]["code"].to_numpy(), _GROUPS, "小组没有包组单位"),
    ):
        chosen = bench.draw(codes, bench.size.share(count))
        held = bench.current(kind)
        bench.drop(held[held["target_code"].isin(chosen)])
        bench.note("chain_broken", cause, list(chosen), level=kind, target=target)
