"""What a change of cells means for those who live there and those who answer for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.analysis.following import NEAREST, NOWHERE, UNPLACED, household_moves
from geo.analysis.inheritance import HandedOn, contested_targets, hand_on, heirs_of
from geo.analysis.ownership import cell_owners
from geo.analysis.periods import in_force
from geo.analysis.succession import records_seen
from geo.crs import to_metric
from geo.errors import RuleError
from geo.i18n import _
from geo.operations.plan import RECORD_COLUMNS, CellChange
from geo.rules import Rules
from geo.store.cell_reads import VillageGround, cell_officers, households_on, joined_later
from geo.store.queries import layer_frame
from geo.vocabulary import Rank, ResponsibilityKind


def require_begun(ground: VillageGround, change: CellChange) -> None:
    """Refuse a day on which some touched cell has not got its present shape yet (`RuleError`)."""
    touched = ground.cells[ground.cells["code"].isin(touched_codes(change))]
    later = [
        (since, str(code))
        for code, since in zip(touched["code"], touched["valid_from"], strict=True)
        if not pd.isna(since) and since > change.on
    ]
    if later:
        since, code = max(later)
        raise RuleError(
            _("网格 {code} 现在的形状自 {since} 起，不能从更早的 {day} 改起。").format(
                code=code, since=since.isoformat(), day=change.on.isoformat()
            ),
            hint=_("请改用 {since} 或以后的日期，或先撤销后来的变动。").format(since=since.isoformat()),
        )


def require_free_then(session: Session, ground: VillageGround, change: CellChange, rules: Rules) -> None:
    """Refuse a past day on which land that cells gain was in cells that have ended since (`RuleError`)."""
    then = layer_frame(session, "cells", as_of=change.on, within=(ground.code,))
    ended = then[~then["code"].isin(ground.cell_codes)]
    if ended.empty:
        return
    before = ground.cells[ground.cells["code"].isin(touched_codes(change))]
    parts = [part for part in (change.created, change.reshaped) if part is not None]
    after = pd.concat([part[["geometry"]] for part in parts], ignore_index=True)
    gained = after.geometry.union_all().difference(before.geometry.make_valid().union_all())
    shared = ended.geometry.make_valid().intersection(gained)
    measured = to_metric(gpd.GeoDataFrame({"code": ended["code"]}, geometry=shared)).area
    if measured.max() > rules["cell_overlap_m2"].value:
        code = str(ended["code"].loc[measured.idxmax()])
        raise RuleError(
            _("{day} 这片土地还属于网格 {code}，不能从那天改起。").format(
                day=change.on.isoformat(), code=code
            ),
            hint=_("请改用该网格停用以后的日期。"),
        )


def touched_codes(change: CellChange) -> list[str]:
    """Codes of the cells that end or get another shape."""
    shaped = [] if change.reshaped is None else change.reshaped["code"].tolist()
    return [*change.retired, *shaped]


@dataclass(frozen=True)
class Affected:
    """Who lives in a village's cells and who answers for them.

    Attributes
    ----------
    households : GeoDataFrame ``code, cell_code, geometry``
    officers : DataFrame
        Records of the grid officers of all its cells that are not superseded.
    led : frozenset of str
        Cells that have a primary officer on the day.
    """

    ground: VillageGround
    households: gpd.GeoDataFrame
    officers: pd.DataFrame
    led: frozenset[str]

    @classmethod
    def read(cls, session: Session, ground: VillageGround, change: CellChange) -> Affected:
        """Everything that may follow the land."""
        codes = ground.cell_codes
        officers = cell_officers(session, codes)
        led = led_cells(ground.cells, officers, change.on)
        return cls(ground, households_on(session, ground.code, codes, as_of=change.on), officers, led)

    def records_of(self, codes: Iterable[str]) -> pd.DataFrame:
        """Records over some of the cells."""
        return self.officers[self.officers["target_code"].isin(set(codes))]

    def weights(self, change: CellChange, *, together: bool) -> dict[tuple[str, str], float]:
        """What a parent has in common with a child: households in a merger, else land."""
        lineage = _lineage(change)
        pairs = list(zip(lineage["parent_code"], lineage["child_code"], strict=True))
        if change.created is None or lineage["child_code"].is_unique:
            return {}  # nobody has two parents to choose between
        if together:
            counts = self.households["cell_code"].value_counts()
            return {(parent, child): float(counts.get(parent, 0)) for parent, child in pairs}
        before = to_metric(self.ground.cells).set_index("code").geometry
        after = change.created.set_index("code").geometry.to_crs(before.crs)
        return {
            (parent, child): float(shapely.area(shapely.intersection(before[parent], after[child])))
            for parent, child in pairs
        }

    def moves(self, session: Session, change: CellChange) -> pd.DataFrame:
        """Households that move with the land (`geo.analysis.following.household_moves`).

        Raises
        ------
        RuleError
            One of them came into its present cell after the day.
        """
        moves = household_moves(
            self.households,
            self.ground.cells,
            created=change.created,
            reshaped=change.reshaped,
            retired=change.retired,
            lineage=change.lineage,
        )
        require_joined(session, moves, on=change.on)
        return moves

    def closed(self, handed: HandedOn) -> pd.DataFrame:
        """The records that are superseded."""
        chosen = self.officers[self.officers["id"].isin(handed.close)]
        return chosen[["id", *RECORD_COLUMNS]].reset_index(drop=True)

    def seen(self, change: CellChange, *, whole: bool) -> dict[str, str]:
        """State of what the change rests on: cells (all of the village's, if ``whole``) and their records."""
        touched = set(self.ground.cell_codes if whole else touched_codes(change))
        cells = self.ground.cells
        seen = {
            f"cell:{code}": str(version)
            for code, version in zip(cells["code"], cells["version"], strict=True)
            if code in touched
        }
        lines = [(str(ResponsibilityKind.GRID_OFFICER), code) for code in change.retired]
        return seen | records_seen(self.officers, lines)

    def consequences(self, change: CellChange, moves: pd.DataFrame, handed: HandedOn) -> Iterable[str]:
        """What must be confirmed: who loses a cell or an officer."""
        if count := int((moves["how"] == NOWHERE).sum()):
            yield _("{count} 户将不属于任何网格。").format(count=count)
        if count := self._lose_officer(change, moves, handed):
            yield _("{count} 户原来的网格有主责网格员，变更后所在网格没有。").format(count=count)

    def notes(self, change: CellChange, moves: pd.DataFrame, handed: HandedOn) -> Iterable[str]:
        """What is worth knowing: who assists from now on, who was placed by guess."""
        if count := int((moves["how"] == UNPLACED).sum()):
            yield _("{count} 户没有位置，归入户数最多的新网格。").format(count=count)
        if count := int((moves["how"] == NEAREST).sum()):
            yield _("{count} 户的点位不在原网格内，归入最近的新网格。").format(count=count)
        for child, holders in _demoted(self.records_of(change.retired), handed, change.on).items():
            yield _("网格 {code}：{holders} 由主责改为协助。").format(code=child, holders="、".join(holders))

    def _lose_officer(self, change: CellChange, moves: pd.DataFrame, handed: HandedOn) -> int:
        led = set(self.led - {*change.retired})
        if change.created is not None and len(change.created):
            led |= led_cells(change.created, handed.opened, change.on)
        return sum(
            move.from_code in self.led and move.cell_code is not None and move.cell_code not in led
            for move in moves.itertuples()
        )


def led_cells(cells: pd.DataFrame, officers: pd.DataFrame, on: date) -> frozenset[str]:
    """Cells that have a primary officer on a day."""
    return frozenset(cells.loc[cell_owners(cells, in_force(officers, on)) > 0, "code"])


def _demoted(before: pd.DataFrame, handed: HandedOn, on: date) -> dict[str, list[str]]:
    """Who led a parent on the day and assists a child from then on, by child."""
    leaders = in_force(before, on)
    leaders = set(leaders.loc[leaders["rank"] != str(Rank.ASSISTANT), "holder_code"])
    assisting = handed.opened[
        (handed.opened["rank"] == str(Rank.ASSISTANT))
        & (handed.opened["valid_from"] == on)
        & handed.opened["holder_code"].isin(leaders)
    ]
    return {str(child): sorted(part["holder_code"]) for child, part in assisting.groupby("target_code")}


def handed_on(
    affected: Affected, change: CellChange, owners: Mapping[str, str], *, together: bool
) -> HandedOn:
    """What becomes of the officers of cells that end (`geo.analysis.inheritance.hand_on`).

    Raises
    ------
    RuleError
        Two people lead a cell that others follow and nobody was chosen, or would lead one afterwards.
    """
    lineage, on = _lineage(change), change.on
    children = lineage.groupby("parent_code")["child_code"].agg(set).to_dict()
    contested = contested_targets(affected.records_of(children), on=on)
    if undecided := [code for code in contested if not children[code] <= owners.keys()]:
        raise RuleError(
            _("网格 {codes} 同时有两名主责网格员。").format(codes="、".join(undecided)),
            hint=_("请先明确由谁主责，再变更网格。"),
        )
    weights = affected.weights(change, together=together)
    heirs = heirs_of(lineage, weights, led=affected.led, together=together)
    handed = hand_on(affected.officers, heirs, retired=change.retired, on=on, owners=owners)
    require_uncontested(handed.opened, on=on)
    return handed


def require_uncontested(opened: pd.DataFrame, *, on: date) -> None:
    """Refuse records by which two people would lead one cell at some instant (`RuleError`)."""
    if contested := contested_targets(opened, on=on):
        raise RuleError(
            _("变更后网格 {codes} 会同时有两名主责网格员。").format(codes="、".join(contested)),
            hint=_("请先在责任记录中明确由谁主责，再变更网格。"),
        )


def reasoned(opened: pd.DataFrame, reason: str) -> pd.DataFrame:
    """Records with the change's reason where they bring none of their own."""
    return opened.assign(reason=opened["reason"].where(opened["reason"].notna(), reason.strip()))


def _lineage(change: CellChange) -> pd.DataFrame:
    return pd.DataFrame(columns=["parent_code", "child_code"]) if change.lineage is None else change.lineage


def require_joined(session: Session, moves: pd.DataFrame, *, on: date) -> None:
    """Refuse a day on which a household was not yet in the cell it is to leave (`RuleError`)."""
    late = joined_later(session, moves["household_code"].tolist(), on=on)
    if late:
        code = max(late, key=lambda each: (late[each], each))
        raise RuleError(
            _("户 {code} 自 {since} 起才在现在的网格，不能从更早的 {day} 改起。").format(
                code=code, since=late[code].isoformat(), day=on.isoformat()
            ),
            hint=_("请改用 {since} 或以后的日期。").format(since=late[code].isoformat()),
        )
