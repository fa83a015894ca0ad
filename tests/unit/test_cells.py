"""Changing cells: planned, written, taken back; and what is said of them afterwards. On both databases."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, mapping

from geo.access import Actor
from geo.analysis.topology import tiling
from geo.answers.gap_book import gaps_on
from geo.answers.targets import target_table
from geo.answers.who import who
from geo.errors import CodeError, ConfirmationNeeded, ConflictError, InputError, PermissionError_, RuleError
from geo.exchange.drawn import drawn, read_lines
from geo.exchange.numbering import cells_at
from geo.operations.journal import preview, reverse, submit, undo_last
from geo.operations.propose import propose, propose_parts
from geo.operations.requests import CellRequest, parse_request
from geo.store.bulk import insert_frame, update_frame
from geo.store.cell_reads import village_ground
from geo.store.models import GridCell, Household, Responsibility
from geo.store.queries import layer_frame, responsibilities
from geo.vocabulary import ResponsibilityKind, Role
from tests.store import small_county
from tests.store.small_county import NOW, SIDE, SOUTH, TODAY, TOWNSHIP, VILLAGES, WEST

VILLAGE = VILLAGES[0]
A, B, C, D = (f"{VILLAGE}{number:03d}" for number in (1, 2, 3, 4))
E, F = f"{VILLAGE}005", f"{VILLAGE}006"
HALF = SIDE / 2
ACTOR = Actor("coordinator", Role.COORDINATOR, frozenset({TOWNSHIP}))
ELSEWHERE = Actor("elsewhere", Role.COORDINATOR, frozenset({"990101102"}))
LEADER = Actor("leader", Role.LEADER)
ALWAYS, YESTERDAY = date(2026, 1, 1), TODAY - timedelta(days=1)
UPRIGHT = mapping(LineString([(WEST + HALF / 2, SOUTH - 0.01), (WEST + HALF / 2, SOUTH + SIDE + 0.01)]))


@pytest.fixture
def county(gpkg_store):
    return settled(gpkg_store)


@pytest.fixture
def either(store):
    """The same on each database."""
    return settled(store)


def settled(store):
    """The small county: households in their cells, C1 for the first cell, C2 for the fourth."""
    small_county.load(store)
    homes = small_county.households()
    put_officers(store, ("C1", A), ("C2", D))
    with store.write() as session:
        cell_code = cells_at(homes, small_county.cells())
        cell_code[homes["code"] == "H000009"] = A  # without a position
        update_frame(session, Household, homes[["code"]].assign(cell_code=cell_code))
    return store


def put_officers(store, *pairs, until=None):
    held = pd.DataFrame(pairs, columns=["holder_code", "target_code"])
    period = {"valid_from": ALWAYS, "valid_to": until}
    given = {"kind": "grid_officer", **period, "recorded_at": NOW, "recorded_by": "import"}
    with store.write() as session:
        insert_frame(session, Responsibility, held.assign(**given))


def ask(kind, *codes, on=TODAY, **given):
    return CellRequest(kind, VILLAGE, on, "调整网格", codes=codes, **given)


def put(store, request, *, minutes=1, actor=ACTOR, confirmed=True, seen=None):
    given = {"now": NOW + timedelta(minutes=minutes), "today": TODAY + timedelta(days=30)}
    return submit(store, actor, request, confirmed=confirmed, seen=seen, **given)


def state(store, day=TODAY):
    """Shapes by cell, cells by household, officers by cell."""
    with store.read() as session:
        cells = layer_frame(session, "cells", as_of=day, within=(VILLAGE,))
        homes = layer_frame(session, "households", as_of=day, within=(VILLAGE,))
        held = responsibilities(session, as_of=day, kinds=["grid_officer"], within=(VILLAGE,))
    return (
        dict(zip(cells["code"], cells.geometry, strict=True)),
        dict(zip(homes["code"], homes["cell_code"].fillna(""), strict=True)),
        sorted(zip(held["target_code"], held["holder_code"], held["rank"], strict=True)),
    )


def tiles(store):
    with store.read() as session:
        ground = village_ground(session, VILLAGE, as_of=TODAY)
    found = tiling(ground.cells, village=ground.shape)
    return found.is_coverage and found.uncovered_m2 < 1 and found.overlap_m2 < 1


def test_a_split_gives_two_cells_that_follow_the_old_one(either):
    before = state(either, YESTERDAY)
    outcome = put(either, ask("split", A, geometry=UPRIGHT))
    cells, homes, held = state(either)
    assert outcome.state == "applied"
    assert sorted(cells) == [B, C, D, E, F]
    assert held == [(D, "C2", "primary"), (E, "C1", "primary"), (F, "C1", "primary")]
    assert A not in homes.values()
    assert homes["H000000"] == E
    assert tiles(either)
    assert state(either, YESTERDAY) == before


def test_a_household_without_a_position_goes_where_most_live_and_that_is_said(county):
    shown = preview(county, ACTOR, ask("split", A, geometry=UPRIGHT), today=TODAY)
    assert shown.consequences == ()
    assert shown.plan.notes == ("1 户没有位置，归入户数最多的新网格。",)
    assert put(county, ask("split", A, geometry=UPRIGHT), confirmed=False).state == "applied"


def test_owners_and_names_of_a_split_go_by_the_order_of_the_codes(county):
    put(county, ask("split", A, geometry=UPRIGHT, owners={"1": "C2"}, names=("西片", "东片")))
    kind = ResponsibilityKind.GRID_OFFICER
    table = target_table(county, ACTOR, kind, as_of=TODAY).set_index("code")
    assert table.loc[[E, F], "holders"].tolist() == ["王石桥", "李明"]
    assert table.loc[[E, F], "name"].tolist() == ["西片", "东片"]


def test_parts_keep_their_owners_in_whatever_order_they_come(county):
    west, south, east, north = shapely.total_bounds(list(state(county)[0].values()))
    halves = [
        shapely.box(west, south, east, (south + north) / 2),
        shapely.box(west, (south + north) / 2, east, north),
    ]
    put(county, ask("replace", parts=tuple(map(mapping, halves)), owners={"0": "C1", "1": "C2"}))
    cells, _homes, held = state(county)
    officers = {code: holder for code, holder, _rank in held}
    for half, holder in zip(halves, ["C1", "C2"], strict=True):
        [code] = [code for code, shape in cells.items() if shape.equals(half)]
        assert officers[code] == holder


def test_a_merger_makes_the_other_officer_assist(county):
    put_officers(county, ("C1", B), ("C2", C))
    put(county, ask("merge", C, D))
    shown = preview(county, ACTOR, ask("merge", A, B), today=TODAY)
    assert shown.consequences == ()
    request = ask("merge", A, B, E)
    shown = preview(county, ACTOR, request, today=TODAY)
    assert "由主责改为协助" in "".join(shown.plan.notes)
    assert shown.consequences == ()
    put(county, request, minutes=2)
    assert state(county)[2] == [(F, "C1", "primary"), (F, "C2", "assistant")]
    assert set(state(county)[1].values()) == {"", F} - {""} | ({""} & set(state(county)[1].values()))


def test_a_merger_puts_nobody_in_charge_of_land_that_had_no_officer(county):
    request = ask("merge", A, B)
    shown = preview(county, ACTOR, request, today=TODAY)
    assert "变更后所在网格没有" in "".join(shown.consequences)
    assert "由主责改为协助" in "".join(shown.plan.notes)
    put(county, request)
    assert sorted(state(county)[2]) == [(D, "C2", "primary"), (E, "C1", "assistant")]


def test_a_merger_gives_the_cell_to_whoever_is_chosen(county):
    put(county, ask("merge", A, B, owners={"0": "C1"}))
    assert (E, "C1", "primary") in state(county)[2]


def test_a_contested_cell_is_not_split_until_somebody_is_chosen(county):
    put_officers(county, ("C2", A))
    with pytest.raises(RuleError, match="两名主责"):
        put(county, ask("split", A, geometry=UPRIGHT))
    put(county, ask("split", A, geometry=UPRIGHT, owners={"0": "C1", "1": "C2"}))
    assert state(county)[2][1:] == [(E, "C1", "primary"), (F, "C2", "primary")]


def test_redrawing_moves_the_neighbour_s_border_and_who_lives_there(either):
    put(either, ask("redraw", A, geometry=mapping(shapely.box(WEST, SOUTH, WEST + HALF, SOUTH + HALF / 2))))
    cells, homes, held = state(either)
    assert sorted(cells) == [A, B, C, D]
    assert tiles(either)
    assert held == [(A, "C1", "primary"), (D, "C2", "primary")]
    assert homes["H000000"] == A
    assert homes["H000008"] == C
    assert homes["H000009"] == A, "without a position nobody moves"


def test_retiring_says_what_is_lost_and_creating_takes_it_back(county):
    with pytest.raises(ConfirmationNeeded) as caught:
        put(county, ask("retire", A, B, C, D), confirmed=False)
    said = "".join(caught.value.consequences)
    assert "没有网格" in said
    assert "土地不属于任何网格" in said
    assert "户将不属于任何网格" in said
    put(county, ask("retire", A))
    assert state(county)[1]["H000000"] == ""
    square = mapping(shapely.box(WEST, SOUTH, WEST + HALF, SOUTH + HALF))
    put(county, ask("create", geometry=square, owners={"0": "C1"}), minutes=2)
    assert state(county)[1]["H000000"] == E
    assert state(county)[2] == [(D, "C2", "primary"), (E, "C1", "primary")]
    assert tiles(county)


def test_a_split_must_reach_through_and_nothing_is_written_otherwise(county):
    short = mapping(LineString([(WEST + HALF / 2, SOUTH + HALF / 3), (WEST + HALF / 2, SOUTH + HALF / 2)]))
    shown = preview(county, ACTOR, ask("split", A, geometry=short), today=TODAY)
    assert [str(fault.code) for fault in shown.faults] == ["not_split"]
    with pytest.raises(RuleError):
        put(county, ask("split", A, geometry=short))
    assert sorted(state(county)[0]) == [A, B, C, D]


def test_codes_of_cells_that_were_undone_are_not_given_again(either):
    before = state(either)
    put(either, ask("split", A, geometry=UPRIGHT))
    undo_last(either, ACTOR, now=NOW + timedelta(minutes=2))
    assert state(either) == before
    put(either, ask("split", A, geometry=UPRIGHT), minutes=3)
    assert sorted(state(either)[0]) == [B, C, D, f"{VILLAGE}007", f"{VILLAGE}008"]


def unowned_since(store, **asked):
    gaps = gaps_on(store, as_of=TODAY, **asked).gaps
    unowned = gaps[(gaps["kind"] == "cell_unowned") & (gaps["village_code"] == VILLAGE)]
    return dict(zip(unowned["target_code"], unowned["since"], strict=True))


def test_no_change_of_cells_makes_a_gap_young(either):
    february, march = date(2026, 2, 1), date(2026, 3, 1)
    put_officers(either, ("C1", B), until=march)
    with either.write() as session:
        update_frame(session, GridCell, pd.DataFrame({"code": [C], "valid_from": [february]}))
    before = {B: march, C: february}
    assert unowned_since(either) == before
    lines = [[(WEST + HALF * 3 / 2, SOUTH - 1), (WEST + HALF * 3 / 2, SOUTH + 2)]]
    lines += [[(WEST + HALF, SOUTH + HALF / 2), (WEST + HALF * 3 / 2, SOUTH + HALF / 2)]]
    put(either, ask("split", B, geometry=mapping(LineString(lines[0]))))
    assert unowned_since(either) == {C: february, E: march, F: march}
    put(either, ask("split", E, geometry=mapping(LineString(lines[1]))), minutes=2)
    parts = [f"{VILLAGE}007", f"{VILLAGE}008"]
    assert unowned_since(either) == {C: february, **dict.fromkeys([F, *parts], march)}
    put(
        either,
        ask("redraw", A, geometry=mapping(shapely.box(WEST, SOUTH, WEST + HALF, SOUTH + HALF / 2))),
        minutes=3,
    )
    assert unowned_since(either)[C] == february
    put(either, ask("merge", C, A), minutes=4)
    assert unowned_since(either)[f"{VILLAGE}009"] == february
    assert unowned_since(either, known_at=NOW) == before


REVERSIBLE = {
    "split": ask("split", A, geometry=UPRIGHT),
    "merge": ask("merge", A, B, owners={"0": "C2"}),
    "redraw": ask("redraw", A, geometry=mapping(shapely.box(WEST, SOUTH, WEST + HALF, SOUTH + HALF / 2))),
    "retire": ask("retire", A),
    "replace": ask("replace", parts=(mapping(shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)),)),
}


@pytest.mark.parametrize("kind", REVERSIBLE)
def test_a_reversed_change_leaves_land_people_and_officers_as_they_were(either, kind):
    shapes, homes, held = state(either)
    code = put(either, REVERSIBLE[kind]).code
    later = TODAY + timedelta(days=3)
    given = {"on": later, "reason": "恢复", "now": NOW + timedelta(minutes=9), "today": later}
    reverse(either, ACTOR, code, confirmed=True, **given)
    now_shapes, now_homes, now_held = state(either, later)
    same = {
        old: new for old, shape in shapes.items() for new, other in now_shapes.items() if shape.equals(other)
    }
    assert sorted(same.values()) == sorted(now_shapes)
    assert {code: same.get(cell, cell) for code, cell in homes.items()} == now_homes
    assert sorted((same[code], *rest) for code, *rest in held) == sorted(now_held)


def test_reversing_a_new_cell_retires_it(county):
    put(county, ask("retire", A))
    square = mapping(shapely.box(WEST, SOUTH, WEST + HALF, SOUTH + HALF))
    code = put(county, ask("create", geometry=square), minutes=2).code
    given = {"on": TODAY, "reason": "恢复", "now": NOW + timedelta(minutes=9), "today": TODAY}
    reverse(county, ACTOR, code, confirmed=True, **given)
    assert sorted(state(county)[0]) == [B, C, D]


def test_what_was_changed_since_is_not_reversed(county):
    code = put(county, ask("split", A, geometry=UPRIGHT)).code
    put(county, ask("merge", E, F), minutes=2)
    given = {"on": TODAY, "reason": "恢复", "now": NOW + timedelta(minutes=9), "today": TODAY}
    with pytest.raises(RuleError, match="后来又有变动"):
        reverse(county, ACTOR, code, confirmed=True, **given)


def test_nothing_is_planned_for_the_future_or_before_the_present_shape(county):
    with pytest.raises(RuleError, match="将来"):
        put(county, ask("split", A, on=TODAY + timedelta(days=60), geometry=UPRIGHT))
    put(county, ask("split", A, geometry=UPRIGHT))
    with pytest.raises(RuleError, match="现在的形状自"):
        put(county, ask("merge", E, F, on=YESTERDAY), minutes=2)


def test_land_is_not_given_away_before_the_day_it_became_free(county):
    put(county, ask("retire", A))
    square = mapping(shapely.box(WEST, SOUTH, WEST + HALF, SOUTH + HALF))
    with pytest.raises(RuleError, match=f"还属于网格 {A}"):
        put(county, ask("create", on=YESTERDAY, geometry=square), minutes=2)


def test_the_second_of_two_sees_what_the_first_did(county):
    request = ask("split", A, geometry=UPRIGHT)
    seen = preview(county, ACTOR, request, today=TODAY).seen
    put(county, ask("redraw", A, geometry=mapping(shapely.box(WEST, SOUTH, WEST + HALF, SOUTH + HALF / 2))))
    with pytest.raises(ConflictError):
        put(county, request, minutes=2, seen=seen)


@pytest.mark.parametrize("actor", [ELSEWHERE, LEADER])
def test_others_may_not_change_the_village(county, actor):
    with pytest.raises(PermissionError_):
        put(county, ask("split", A, geometry=UPRIGHT), actor=actor)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (ask("split", A, B, geometry=UPRIGHT), InputError),
        (ask("split", A), InputError),
        (ask("split", A, geometry={"type": "LineString", "coordinates": "x"}), InputError),
        (ask("redraw", A, geometry=UPRIGHT), InputError),
        (ask("replace"), InputError),
        (CellRequest("retire", VILLAGE, TODAY, " ", codes=(A,)), InputError),
        (CellRequest("retire", "990101101999", TODAY, "调整", codes=(A,)), CodeError),
        (ask("split", A, geometry=UPRIGHT, owners={"0": "nobody"}), RuleError),
    ],
)
def test_requests_that_make_no_sense_are_refused(county, request_, error):
    with pytest.raises(error):
        put(county, request_)


def test_a_request_survives_being_written_down():
    request = ask("split", A, geometry=UPRIGHT, owners={"1": "C2"}, names=("一", "二"))
    assert parse_request(request.document()).document() == request.document()


def test_the_past_still_answers_and_names_the_followers(either):
    put(either, ask("split", A, geometry=UPRIGHT))
    put(either, ask("merge", F, B), minutes=2)
    seventh = f"{VILLAGE}007"
    before, after = (who(either, ACTOR, A, as_of=day) for day in (YESTERDAY, TODAY))
    assert [r["holder_code"] for r in before["responsibilities"] if r["target_code"] == A] == ["C1"]
    assert [r["holder_code"] for r in after["responsibilities"] if r["target_code"] == A] == []
    assert (before["successors"], after["successors"]) == ([], [E, seventh])


def test_a_proposal_changes_nothing_until_it_is_put_into_effect(county):
    before = state(county)
    found = propose(county, ACTOR, TOWNSHIP, as_of=TODAY, target=10)
    assert [one.village_code for one in found.villages] == VILLAGES
    assert state(county) == before
    first = found.villages[0]
    assert first.cells["households"].sum() == 18
    assert first.proposed.within_20 >= first.today.within_20
    assert set(first.cells["officer_code"]) == {"C1", "C2"}
    [request] = found.requests(on=TODAY, reason="均衡", villages=[VILLAGE])
    put(county, request)
    assert len(state(county)[0]) == len(first.cells)
    assert tiles(county)


def test_a_proposal_is_for_the_households_of_its_day(county):
    with county.write() as session:
        gone = [f"H{number:06d}" for number in range(0, 20, 2)]
        update_frame(session, Household, pd.DataFrame({"code": gone, "valid_to": TODAY}))
    for day, households in ((YESTERDAY, 18), (TODAY, 8)):
        [village] = propose(county, ACTOR, VILLAGE, as_of=day, target=10).villages
        assert village.cells["households"].sum() == households


def test_a_cell_is_divided_into_balanced_parts(county):
    parts = propose_parts(county, ACTOR, A, into=2, as_of=TODAY)
    put(county, ask("split", A, parts=tuple(parts)))
    assert sorted(state(county)[0]) == [B, C, D, E, F]


@pytest.mark.parametrize(
    ("code", "given"),
    [("99", {}), (VILLAGE, {"target": 0}), (VILLAGE, {"target": 5, "count": 2}), (TOWNSHIP, {"count": 2})],
)
def test_a_proposal_needs_sensible_figures(county, code, given):
    with pytest.raises(InputError):
        propose(county, ACTOR, code, as_of=TODAY, **given)


def test_lines_and_shapes_come_from_files_and_texts(tmp_path):
    line = {"type": "LineString", "coordinates": [[117.0, 35.0], [117.1, 35.1]]}
    file = tmp_path / "road.geojson"
    file.write_text(shapely.to_geojson(shapely.geometry.shape(line)))
    assert read_lines(file).geom_type.tolist() == ["LineString"]
    feature = json.dumps({"type": "Feature", "properties": {}, "geometry": line})
    for text in (str(file), file.read_text(), feature, "LINESTRING (117 35, 117.1 35.1)"):
        assert shapely.geometry.shape(drawn(text)).equals(shapely.geometry.shape(line))
    with pytest.raises(InputError):
        drawn("not a shape")
