"""Realistic faults, planted on purpose and written down: what was planted, where, and nothing else.

Each function takes the workbench, changes its frames and notes what it did under the gap's code (domain §4).
The county is in order before, so the notes are the exact list of its faults on the reference day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.codes import township_of, village_of
from seeds.figures import poor_villages
from seeds.ground_faults import gap_strip, overlap_bulge
from seeds.responsibility import FROM, OFFICER_CELLS, OFFICER_HOUSEHOLDS, TEAM_OF_POOR, TERM_FROM
from seeds.size import Size

REFERENCE_DAY, GOOD_UNTIL = "2026-05-01", "2027-02-28"
_LEFT_ON = "2026-02-16"
_UNOWNED, _CONTESTED, _UNPAIRED_SHARE = 60, 12, 0.039
_UNCOVERED, _OVERLAPS = 9, 6
_MISPLACED, _UNLOCATED = 45, 160
_AREAS, _BRANCHLESS, _BRANCHES, _GROUPS = 2, 5, 8, 14
_UNSTAFFED, _SMALL_TEAMS, _NO_TOWNSHIP_CADRE = 7, 6, 3
_BUSY_STAFF, _BUSY_OFFICERS, _BUSY_EXTRA = 3, 2, 12
_REMOTE_OFFICERS, _REMOTE_STAFF, _INACTIVE = 3, 2, 5
_REMOTE_DEG = 0.24  # some 22 km to the east, beyond the county's border
_MISPLACED_DEG = 0.0002
_SAME_OFFICE_DEG = 0.005


@dataclass
class Bench:
    """What the faults are planted in.

    Attributes
    ----------
    frames : dict of frames by layer
    designations : DataFrame
    taken : set of str
        Villages whose ground or teams already carry a fault; none is used twice.
    busy : set of str
        Cadres that already take part in a fault.
    notes : list of dict
        What was planted: ``kind``, ``cause``, ``codes``, ``count`` and, for ground, ``geometry``.
    """

    frames: dict[str, pd.DataFrame]
    designations: pd.DataFrame
    size: Size
    rng: np.random.Generator
    taken: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def note(self, kind: str, cause: str, codes: list[str], **more: Any) -> None:
        """Write down one planted fault."""
        plain = [str(code) for code in codes]
        self.notes.append({"kind": kind, "cause": cause, "count": len(plain), "codes": plain, **more})

    def draw(self, codes: np.ndarray, count: int) -> np.ndarray:
        """So many of the codes at random, in order."""
        ordered = np.sort(np.asarray(codes, dtype=object))
        return np.sort(self.rng.choice(ordered, min(count, len(ordered)), replace=False))

    def current(self, kind: str) -> pd.DataFrame:
        """Responsibilities of a kind that run on the reference day."""
        rows = self.frames["responsibilities"]
        runs = rows["valid_to"].isna() | (rows["valid_to"] > REFERENCE_DAY)
        return rows[(rows["kind"] == kind) & runs]

    def drop(self, rows: pd.DataFrame) -> None:
        """Strike responsibilities out."""
        self.frames["responsibilities"] = self.frames["responsibilities"].drop(rows.index)

    def close(self, rows: pd.DataFrame, day: str, reason: str) -> None:
        """End responsibilities on a day."""
        self.frames["responsibilities"].loc[rows.index, ["valid_to", "reason"]] = [day, reason]

    def add(self, rows: pd.DataFrame) -> None:
        """Add responsibilities."""
        self.frames["responsibilities"] = pd.concat(
            [self.frames["responsibilities"], rows], ignore_index=True
        )

    def dismiss(self, cadres: np.ndarray) -> None:
        """Remove cadres and whatever they hold or are helped with."""
        rows = self.frames["responsibilities"]
        self.drop(rows[rows["holder_code"].isin(cadres) | rows["target_code"].isin(cadres)])
        everyone = self.frames["cadres"]
        self.frames["cadres"] = everyone[~everyone["code"].isin(cadres)].reset_index(drop=True)


def plant_faults(
    frames: dict[str, pd.DataFrame], designations: pd.DataFrame, size: Size, rng: np.random.Generator
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The frames with faults in them, and the manifest that lists them all."""
    bench = Bench(dict(frames), designations, size, rng)
    for plant in (
        _unstaffed_villages,
        _understaffed_teams,
        _inactive_heads,
        _unowned_cells,
        _contested_cells,
        _overloaded_officers,
        _overloaded_staff,
        _unpaired_households,
        _remote_owners,
        _uncovered_land,
        _overlapping_cells,
        _misplaced_households,
        _unlocated_households,
        _broken_chains,
    ):
        plant(bench)
    rows = bench.frames["responsibilities"]
    order = ["kind", "target_code", "valid_from", "holder_code"]
    bench.frames["responsibilities"] = rows.sort_values(order, kind="stable", ignore_index=True)
    return bench.frames, {"as_of": REFERENCE_DAY, "good_until": GOOD_UNTIL, "faults": bench.notes}


def _plain_villages(bench: Bench) -> np.ndarray:
    """Villages that no rule puts first and no fault has touched."""
    villages = bench.frames["villages"]
    first = set(poor_villages(bench.frames["indicators"])) | set(bench.designations["village_code"])
    special = villages["old_revolutionary"] | villages["ethnic_minority"]
    return villages.loc[~special & ~villages["code"].isin(first | bench.taken), "code"].to_numpy()


def _unstaffed_villages(bench: Bench) -> None:
    """Weak villages, not poor, with nobody living in them; the township's deputy stands in as head."""
    weak = bench.designations[(bench.designations["label"] == "weak") & bench.designations["valid_to"].isna()]
    villages = bench.frames["villages"]
    special = villages.loc[villages["old_revolutionary"] | villages["ethnic_minority"], "code"]
    free = weak.loc[
        ~weak["village_code"].isin([*poor_villages(bench.frames["indicators"]), *special]), "village_code"
    ]
    chosen = bench.draw(free.to_numpy(), bench.size.share(_UNSTAFFED))
    residents = bench.current("resident_cadre")
    bench.dismiss(residents.loc[residents["target_code"].isin(chosen), "holder_code"].to_numpy())
    deputies = _deputies(bench)
    for kind in ("township_cadre", "team_head"):
        bench.add(_rows(kind, [deputies[township_of(code)] for code in chosen], chosen))
    bench.taken |= set(chosen)
    bench.note("village_unstaffed", "软弱涣散村没有驻村干部", list(chosen))


def _deputies(bench: Bench) -> dict[str, str]:
    """Deputy secretary of each township's government."""
    cadres = bench.frames["cadres"]
    found = cadres[cadres["duty"] == "党委副书记"]
    town = bench.frames["villages"]["code"].str[:6].iloc[0] + found["unit_code"].str[2:]
    return dict(zip(town, found["code"], strict=True))


def _rows(kind: str, holders: list[str], targets: np.ndarray, start: str = FROM) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": kind,
            "holder_code": holders,
            "target_code": targets,
            "valid_from": start,
            "valid_to": None,
            "rank": "primary",
            "reason": "临时安排",
        }
    )


def _understaffed_teams(bench: Bench) -> None:
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


def _send_from_county(bench: Bench, members: pd.Series) -> None:
    """Turn a team's township cadres into ones that the county sent."""
    cadres, local = bench.frames["cadres"], bench.current("township_cadre")
    bench.drop(local[local["holder_code"].isin(members)])
    moved = cadres["code"].isin(members) & (cadres["level"] == "township")
    sender = bench.frames["units"].loc[lambda units: units["parent_code"].notna(), "parent_code"].iloc[0]
    cadres = cadres.copy()
    cadres.loc[moved, ["level", "unit_code", "duty"]] = ["county", sender, "党建指导员"]
    bench.frames["cadres"] = cadres


def _inactive_heads(bench: Bench) -> None:
    """Team heads whose own term in the village is over while they still answer for it on paper."""
    chosen = bench.draw(_plain_villages(bench), bench.size.share(_INACTIVE))
    residents = bench.current("resident_cadre")
    ended = residents[residents["target_code"].isin(chosen)]
    bench.frames["responsibilities"].loc[ended.index, ["valid_from", "valid_to"]] = [FROM, TERM_FROM]
    bench.taken |= set(chosen)
    bench.busy |= set(ended["holder_code"])
    holders = sorted(ended["holder_code"])
    bench.note(
        "owner_inactive", "驻村任期已满，仍挂名工作组", holders, villages=[str(code) for code in chosen]
    )


def _unowned_cells(bench: Bench) -> None:
    """Cells whose officer left with nobody after, and cells that never had one."""
    officers = bench.current("grid_officer")
    chosen = bench.draw(officers["target_code"].to_numpy(), bench.size.share(_UNOWNED))
    gone = officers[officers["target_code"].isin(chosen)]
    left = gone.sample(frac=0.5, random_state=bench.rng) if len(gone) > 1 else gone
    bench.close(left, _LEFT_ON, "离任，无人接手")
    bench.drop(gone.drop(left.index))
    bench.note("cell_unowned", "没有主责网格员", list(chosen))


def _contested_cells(bench: Bench) -> None:
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
        (pairs["holder_code"] != pairs["second"]) & (pairs["target_code"].map(sizes).fillna(0) < 180)
    ]
    pairs = pairs.drop_duplicates("village").sort_values("village")
    chosen = bench.draw(pairs["target_code"].to_numpy(), bench.size.share(_CONTESTED))
    second = pairs[pairs["target_code"].isin(chosen)]
    bench.add(
        _rows("grid_officer", second["second"].to_list(), second["target_code"].to_numpy(), "2025-12-01")
    )
    bench.busy |= set(second["second"]) | set(second["holder_code"])
    bench.note("cell_contested", "同时有两名主责网格员", list(chosen))


def _officer_load(bench: Bench, officers: pd.DataFrame) -> pd.DataFrame:
    """Cells and households of every officer."""
    sizes = bench.frames["households"]["cell_code"].value_counts()
    load = officers.assign(houses=officers["target_code"].map(sizes).fillna(0))
    return load.groupby("holder_code").agg(cells=("target_code", "nunique"), households=("houses", "sum"))


def _overloaded_officers(bench: Bench) -> None:
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


def _near(code: str):
    """Whether another cell lies in the same village: then no officer has far to go."""
    return lambda other: village_of(other) == village_of(code)


def _overloaded_staff(bench: Bench) -> None:
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


def _unpaired_households(bench: Bench) -> None:
    """Households whose member of staff was moved away without a successor, or that were never paired."""
    staff = bench.current("staff")
    free = np.setdiff1d(staff["holder_code"].unique(), sorted(bench.busy))
    wanted = max(1, round(_UNPAIRED_SHARE * len(bench.frames["households"])))
    order = pd.Series(np.arange(len(free)), index=bench.rng.permutation(free))
    place = staff["holder_code"].map(order)
    gone = staff[place.notna()].assign(place=place).sort_values(["place", "target_code"]).head(wanted)
    left = gone[gone["place"] % 2 == 0]
    bench.close(left, _LEFT_ON, "调离，未安排接续")
    bench.drop(gone.drop(left.index))
    bench.busy |= set(gone["holder_code"])
    bench.note("household_unpaired", "没有包户干部", sorted(gone["target_code"]))


def _remote_owners(bench: Bench) -> None:
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


def _uncovered_land(bench: Bench) -> None:
    """Strips of villages that lie in no cell and hold no household."""
    cells, found = bench.frames["cells"].copy(), []
    places = shapely.STRtree(bench.frames["households"].geometry.to_numpy())
    for row in bench.rng.permutation(len(cells)):
        village = cells["village_code"].iloc[row]
        strip = None if village in bench.taken else gap_strip(cells.geometry.iloc[row], places)
        if strip is not None:
            rest = cells.geometry.iloc[row].difference(strip)
            cells.loc[row, "geometry"] = shapely.normalize(shapely.multipolygons([rest]))
            bench.taken.add(village)
            found.append((cells["code"].iloc[row], strip))
        if len(found) == bench.size.share(_UNCOVERED):
            break
    bench.frames["cells"] = cells
    codes, strips = [code for code, _ in found], [strip for _, strip in found]
    bench.note("land_uncovered", "网格缺了一条，村域未盖满", codes, geometry=_geojson(strips))


def _overlapping_cells(bench: Bench) -> None:
    """Cells that bulge into their neighbour in the same village."""
    cells, found = bench.frames["cells"].copy(), []
    for village in bench.rng.permutation(cells["village_code"].unique()):
        rows = np.flatnonzero(cells["village_code"] == village)
        if village in bench.taken or len(rows) < 2:
            continue
        grown = overlap_bulge(cells.geometry.iloc[rows[0]], cells.geometry.iloc[rows[1]])
        if grown is None:
            continue
        cells.loc[rows[0], "geometry"] = shapely.normalize(shapely.multipolygons([grown]))
        bench.taken.add(village)
        shared = grown.intersection(cells.geometry.iloc[rows[1]])
        found.append((cells["code"].iloc[rows[0]], cells["code"].iloc[rows[1]], shared))
        if len(found) == bench.size.share(_OVERLAPS):
            break
    bench.frames["cells"] = cells
    pairs = [[first, second] for first, second, _ in found]
    codes, shared = [first for first, _, _ in found], [area for _, _, area in found]
    bench.note("cell_overlap", "与邻格重叠", codes, pairs=pairs, geometry=_geojson(shared))


def _geojson(shapes: list[Any]) -> list[Any]:
    return [shapely.geometry.mapping(shape) for shape in shapes]


def _misplaced_households(bench: Bench) -> None:
    """Households booked on another cell of their village than the one they stand in."""
    households, cells = bench.frames["households"].copy(), bench.frames["cells"]
    several = cells.groupby("village_code").filter(lambda rows: len(rows) > 1)
    several = several[~several["village_code"].isin(bench.taken)]
    free = np.flatnonzero(households["village_code"].isin(several["village_code"]))
    by_village = dict(list(several.groupby("village_code")))
    moved = []
    for row in bench.rng.permutation(free):
        others = by_village[households["village_code"].iloc[row]]
        far = others[
            shapely.distance(others.geometry.to_numpy(), households.geometry.iloc[row]) > _MISPLACED_DEG
        ]
        if len(far):
            households.loc[row, "cell_code"] = far["code"].iloc[0]
            moved.append(row)
        if len(moved) == bench.size.share(_MISPLACED):
            break
    bench.frames["households"] = households
    bench.note("household_misplaced", "点位不在所登记的网格内", sorted(households["code"].iloc[moved]))


def _unlocated_households(bench: Bench) -> None:
    """Households without a position."""
    households = bench.frames["households"].copy()
    odd = {code for note in bench.notes if note["kind"] == "household_misplaced" for code in note["codes"]}
    free = households.loc[~households["code"].isin(odd), "code"].to_numpy()
    chosen = bench.draw(free, bench.size.share(_UNLOCATED))
    households.loc[households["code"].isin(chosen), "geometry"] = None
    bench.frames["households"] = households
    bench.note("household_unlocated", "没有坐标", list(chosen))


def _broken_chains(bench: Bench) -> None:
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
