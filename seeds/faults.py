"""Realistic faults, planted on purpose and written down: what was planted, where, and nothing else.

Each planter takes the workbench, changes its frames and notes what it did under the gap's code (domain §4).
The county is in order before, so the notes are the exact list of its faults on the reference day.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seeds import ground_faults, owner_faults, team_faults
from seeds.bench import GOOD_UNTIL, REFERENCE_DAY, Bench
from seeds.size import Size


def plant_faults(
    frames: dict[str, pd.DataFrame], designations: pd.DataFrame, size: Size, rng: np.random.Generator
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The frames with faults in them, and the manifest that lists them all."""
    bench = Bench(dict(frames), designations, size, rng)
    for plant in (
        team_faults.unstaffed_villages,
        team_faults.understaffed_teams,
        team_faults.inactive_heads,
        owner_faults.unowned_cells,
        owner_faults.contested_cells,
        owner_faults.overloaded_officers,
        owner_faults.overloaded_staff,
        owner_faults.unpaired_households,
        owner_faults.remote_owners,
        ground_faults.uncovered_land,
        ground_faults.overlapping_cells,
        ground_faults.misplaced_households,
        ground_faults.unlocated_households,
        owner_faults.broken_chains,
    ):
        plant(bench)
    rows = bench.frames["responsibilities"]
    order = ["kind", "target_code", "valid_from", "holder_code"]
    bench.frames["responsibilities"] = rows.sort_values(order, kind="stable", ignore_index=True)
    return bench.frames, {"as_of": REFERENCE_DAY, "good_until": GOOD_UNTIL, "faults": bench.notes}
