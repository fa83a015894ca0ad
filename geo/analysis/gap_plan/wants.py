"""What is wanted so that gaps close, collected gap by gap: people for things, and claims that end."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from geo.vocabulary import Rank

WANTED_COLUMNS = ["kind", "target_code", "rank", "holder_code", "weight", "group", "at_most", "place"]
ENDED_COLUMNS = ["kind", "target_code", "holder_code", "kept_code", "weight"]
CLOSES_COLUMNS = ["gap", "task", "claim", "share"]
PRIMARY = str(Rank.PRIMARY)
_TENTH = 0.1

Thing = tuple[str, str, str, str | None, int]
"""Kind, target, rank, present holder, and which of several people who are wanted for it."""


@dataclass
class Want:
    """One person wanted for one thing.

    Attributes
    ----------
    shares : dict of int to float
        Points of which gap (by position) it closes.
    """

    group: str = ""
    at_most: int | None = None
    place: str = ""
    shares: dict[int, float] = field(default_factory=dict)


@dataclass
class Wants:
    """Everything that is wanted.

    Attributes
    ----------
    things : dict of Thing to Want
    claims : dict of (kind, target, holder) to (who keeps it, shares)
        What simply ends, because somebody else holds the same.
    left : dict of int to str
        Gaps that no assignment closes, and what to do instead.
    barred : set of str
        Holders who take nothing.
    """

    things: dict[Thing, Want] = field(default_factory=dict)
    claims: dict[tuple[str, str, str], tuple[str, dict[int, float]]] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    barred: set[str] = field(default_factory=set)

    def fill(
        self, kind: str, target: str, gap: int, share: float, *, number: int = 0, place: str = ""
    ) -> None:
        """Somebody is wanted for a thing; ``number`` tells several people apart."""
        want = self.things.setdefault((kind, target, PRIMARY, None, number), Want(place=place))
        want.shares[gap] = share

    def give_away(self, thing: tuple[str, str, str, str], gap: int, share: float) -> None:
        """A holder must give a thing away; a claim to it that ends anyway is enough."""
        kind, target, _rank, holder = thing
        claim = self.claims.get((kind, target, holder))
        shares = claim[1] if claim else self.things.setdefault((*thing, 0), Want()).shares
        shares[gap] = share

    def gives_away(self, kind: str, holder: str) -> set[str]:
        """What of a kind a holder gives away in any case."""
        moved = {
            thing[1]
            for thing, want in self.things.items()
            if thing[0] == kind and thing[3] == holder and not want.group
        }
        return moved | {target for of, target, who in self.claims if of == kind and who == holder}

    def wanted(self) -> pd.DataFrame:
        """`WANTED_COLUMNS`, one row a person wanted; nothing weighs less than a tenth of a point."""
        rows = [
            (kind, target, rank, holder, _points(want.shares), want.group, want.at_most, want.place)
            for (kind, target, rank, holder, _number), want in self.things.items()
        ]
        return pd.DataFrame(rows, columns=WANTED_COLUMNS).astype({"holder_code": object, "at_most": object})

    def ended(self) -> pd.DataFrame:
        """`ENDED_COLUMNS`, one row a claim."""
        rows = [(*claim, kept, _points(shares)) for claim, (kept, shares) in self.claims.items()]
        return pd.DataFrame(rows, columns=ENDED_COLUMNS)

    def closes(self) -> pd.DataFrame:
        """`CLOSES_COLUMNS`: which row of `wanted` or `ended` closes how much of which gap."""
        by_task = enumerate(want.shares for want in self.things.values())
        by_claim = enumerate(shares for _kept, shares in self.claims.values())
        rows: list[tuple[int, int | None, int | None, float]] = [
            (gap, task, None, share) for task, shares in by_task for gap, share in shares.items()
        ]
        rows += [(gap, None, claim, share) for claim, shares in by_claim for gap, share in shares.items()]
        frame = pd.DataFrame(rows, columns=CLOSES_COLUMNS)
        return frame.astype({"gap": int, "task": "Int64", "claim": "Int64", "share": float})


def _points(shares: dict[int, float]) -> float:
    return max(round(sum(shares.values()), 1), _TENTH)
