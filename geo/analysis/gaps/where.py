"""Where a gap lies, and who has to act there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.analysis.gaps.evidence import Evidence
from geo.codes import township_of
from geo.frames import places_among
from geo.rules.gap_kinds import gap_kinds

COORDINATOR, DEPARTMENT, UNIT = "coordinator", "department", "unit"


def townships_of(evidence: Evidence, villages: Sequence[str | None]) -> list[str | None]:
    """The township of each village, by the register or, where it says nothing, by the code; None for None."""
    if not len(villages):
        return []
    registered = at_codes(evidence.villages.set_index("code")["township_code"].dropna(), villages)
    return [code and (town or township_of(code)) for code, town in zip(villages, registered, strict=True)]


def acting(kind: str, townships: Sequence[str | None], *, who: str = "") -> dict[str, Any]:
    """Columns ``who_kind, who_code`` of gaps on which coordinators of townships or the department act.

    Who it is depends on the kind of gap unless ``who`` says so. What lies in no township has no coordinator:
    the department acts on it.
    """
    by_township = (who or gap_kinds()[kind].who) != DEPARTMENT
    codes = [code if code and by_township else "" for code in townships]
    return {"who_kind": [COORDINATOR if code else DEPARTMENT for code in codes], "who_code": codes}


def village_shapes(evidence: Evidence, villages: Sequence[str | None]) -> npt.NDArray[np.object_]:
    """The area of each village in EPSG:4490; None where it is not known."""
    return at_codes(evidence.villages.set_index("code").geometry, villages)


def village_points(evidence: Evidence, villages: Sequence[str | None]) -> npt.NDArray[np.object_]:
    """A point inside each village in EPSG:4490; None where it is not known."""
    wanted = evidence.villages[evidence.villages["code"].isin([code for code in villages if code])]
    return at_codes(wanted.set_index("code").geometry.representative_point(), villages)


def places_of(frame: pd.DataFrame, codes: pd.Series) -> npt.NDArray[np.intp]:
    """The row of a frame with each of the codes in its column ``code``; -1 where there is none."""
    return places_among(codes, frame["code"])


def at_codes(values: pd.Series, codes: Sequence[str | None]) -> npt.NDArray[np.object_]:
    """The values of a Series by code, in the order of the codes; None for codes it does not have."""
    found = values.index.get_indexer(pd.Index(codes, dtype=values.index.dtype))
    taken = np.full(len(found), None, dtype=object)
    taken[found >= 0] = np.asarray(values, dtype=object)[found[found >= 0]]
    return taken
