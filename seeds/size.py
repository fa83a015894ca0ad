"""How big a made-up county is: from twenty villages for a test to a whole city."""

from __future__ import annotations

from dataclasses import dataclass

SAMPLE_VILLAGES, SAMPLE_HOUSEHOLDS, SAMPLE_SEED = 880, 120_000, 2026
_VILLAGES_PER_TOWNSHIP, _VILLAGES_PER_CITY_TOWNSHIP, _CITY_VILLAGES = 55, 18.9, 1500
_HOUSEHOLDS_PER_VILLAGE, _CELLS_PER_VILLAGE, _CELL_GROWTH = 136.4, 3.75, 0.304
_HOUSEHOLDS_PER_STAFF = 24.0
_CITY_RESIDENTS_PER_VILLAGE = 5109 / 2060  # S2
_MIN_VILLAGES = 12


@dataclass(frozen=True)
class Size:
    """Counts a county is made to.

    Attributes
    ----------
    villages, households, townships, cells, staff : int
        S0 (880 villages, 120,000 households) and S4 for the sample county.
    residents_per_village : float
        Floor for resident cadres; 0 leaves it to S2's rule (three for a poor village, one for others).
    """

    villages: int
    households: int
    townships: int
    cells: int
    staff: int
    residents_per_village: float = 0.0

    @classmethod
    def of(cls, villages: int = SAMPLE_VILLAGES, households: int = SAMPLE_HOUSEHOLDS) -> Size:
        """Size with so many villages and households, the rest in proportion (a city's above 1,500 villages).

        >>> Size.of().townships, Size.of().cells
        (16, 3300)
        """
        if villages < _MIN_VILLAGES or households < villages * 8:
            raise ValueError(f"at least {_MIN_VILLAGES} villages, each with 8 households")
        is_city = villages > _CITY_VILLAGES
        per_township = _VILLAGES_PER_CITY_TOWNSHIP if is_city else _VILLAGES_PER_TOWNSHIP
        density = households / villages / _HOUSEHOLDS_PER_VILLAGE
        return cls(
            villages=villages,
            households=households,
            townships=max(2, round(villages / per_township)),
            cells=round(villages * _CELLS_PER_VILLAGE * density**_CELL_GROWTH),
            staff=round(households / _HOUSEHOLDS_PER_STAFF),
            residents_per_village=_CITY_RESIDENTS_PER_VILLAGE if is_city else 0.0,
        )

    def share(self, count: int) -> int:
        """A figure of the sample county scaled to this one by villages; at least one."""
        return max(1, round(count * self.villages / SAMPLE_VILLAGES))
