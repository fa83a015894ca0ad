"""The workbench on which faults are planted: the frames, what is taken already, and the notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from seeds.ledger import FROM
from seeds.size import Size

REFERENCE_DAY, GOOD_UNTIL = "2026-05-01", "2027-02-28"
LEFT_ON = "2026-02-16"


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


def new_rows(kind: str, holders: list[str], targets: np.ndarray, start: str = FROM) -> pd.DataFrame:
    """Responsibilities of one kind that nobody planned."""
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
