"""Codes, shapes and documents that no page would send: refused in words, with nothing written or told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, mapping
from sqlalchemy import text

from geo.access import SYSTEM
from geo.answers.holdings import holdings
from geo.answers.place import what_is_here
from geo.answers.records import record_history
from geo.answers.register import entry, register_table
from geo.answers.search import search
from geo.answers.who import who
from geo.errors import AppError, ConflictError, PermissionError_, RuleError, TransitionError
from geo.operations.accounts import (
    change_account,
    disable_account,
    set_password,
    stop_viewing,
)
from geo.operations.journal import approve, preview, set_approval, submit, undo, undo_last
from geo.operations.load import import_file
from geo.operations.locks import lock_of, release_lock, take_lock
from geo.operations.registry import add_entry, correct_entry
from geo.operations.requests import (
    Assignment,
    AssignRequest,
    CellRequest,
    CorrectRequest,
    EndRequest,
    HandoverRequest,
    ReverseRequest,
    parse_request,
)
from geo.store.audit import verify
from geo.store.changes import PENDING
from geo.store.engine import Store, open_store
from geo.store.models import Change
from geo.vocabulary import Role
from tests.security.accounts import PASSWORD
from tests.security.matrix_county import (
    BOTH,
    NOW,
    OTHER,
    OTHER_TOWNSHIP,
    OWN,
    OWN_TOWNSHIP,
    SISTER,
    TODAY,
    actor_of,
    assistant,
    cell_of,
    fingerprint,
    home_of,
    leaked,
    make_matrix_county,
    record_over,
    said,
    square,
)
from tests.security.matrix_table import change_in

DEPARTMENT, COORDINATOR = actor_of("department"), actor_of("coordinator")
LOOKING = actor_of("coordinator", viewer="department")
STRANGE = {
    "empty": "",
    "county prefix": "99",
    "short": "9901011",
    "wildcard": "990101101%",
    "underscores": "990101101___001",
    "other digits": "٩٩٠١٠١١٠١٠٠١٠٠١",
    "wide digits": "９９０１０１１０１００１００１",
    "very long": "990101101" * 500,
    "null": "990101101001\x00001",
    "quote": "990101101001'; DROP TABLE audit; --",
    "newline": "990101101001001\n",
}


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("crafted") / "county.gpkg"
    make_matrix_county(path)
    return path


@pytest.fixture
def county(made, tmp_path) -> Iterator[Store]:
    path = tmp_path / "county.gpkg"
    shutil.copy(made, path)
    store = open_store(str(path))
    yield store
    store.close()


def put(store, request, actor=COORDINATOR, **more):
    return submit(store, actor, request, now=NOW, today=TODAY, **{"confirmed": True, **more})


def refused(store, request, actor=COORDINATOR, *, error=AppError, given=()):
    """The refusal of a request, by preview and by submitting it; nothing is written or told."""
    before = fingerprint(store.path)
    looked = shown(store, request, actor, error)
    with pytest.raises(error) as caught:
        put(store, request, actor)
    assert fingerprint(store.path) == before
    for told in (looked, caught.value):
        assert leaked(said(told), [OTHER], given=given) == []
    return caught.value


def shown(store, request, actor, error):
    """The refusal of a preview, or the preview that says what is wrong with the drawing."""
    try:
        found = preview(store, actor, request, today=TODAY)
    except error as refusal:
        return refusal
    assert found.faults
    return found


def assigning(*targets, holder="o-free", kind="grid_officer"):
    return AssignRequest(tuple(Assignment(kind, holder, target, TODAY) for target in targets), "到岗")


def drawn(kind, village, shape=None, *, codes=(), parts=(), **more):
    geometry = None if shape is None else mapping(shape)
    return CellRequest(
        kind, village, TODAY, "调整", codes=codes, geometry=geometry, parts=tuple(map(mapping, parts)), **more
    )


@pytest.mark.parametrize("code", STRANGE.values(), ids=STRANGE)
def test_strange_codes_in_every_field(county, code):
    requests = [
        assigning(code),
        assigning(cell_of(OWN), code),
        assigning(code, kind="staff"),
        assigning(code, kind="sub_office"),
        assigning(code, kind="mentor"),
        assigning(cell_of(OWN), holder=code),
        EndRequest("grid_officer", (code,), TODAY, "离岗"),
        EndRequest("grid_officer", (cell_of(OWN),), TODAY, "离岗", holder_code=code or "?"),
        CorrectRequest(record_over(county, cell_of(OWN)), "错", holder_code=code),
        HandoverRequest(code, TODAY, (), "调离"),
        HandoverRequest(f"o-{OWN}", TODAY, assigning(code).rows, "调离"),
        HandoverRequest(f"o-{OWN}", TODAY, assigning(cell_of(OWN), holder=code).rows, "调离"),
        drawn("retire", code, codes=(cell_of(OWN),)),
        drawn("retire", OWN, codes=(code,)),
        drawn("merge", OWN, codes=(cell_of(OWN), code)),
        ReverseRequest(code, TODAY, "恢复"),
    ]
    if code:
        requests.append(
            drawn("create", OWN, square(OWN, 0, 0.8, 1, 1), owners={"0": code}),
        )
    for request in requests:
        refused(county, request)


@pytest.mark.parametrize("code", STRANGE.values(), ids=STRANGE)
def test_strange_codes_in_questions(county, code):
    before = fingerprint(county.path)
    for ask in (
        lambda: who(county, COORDINATOR, code, as_of=TODAY),
        lambda: record_history(county, COORDINATOR, code),
        lambda: holdings(county, COORDINATOR, code, as_of=TODAY),
        lambda: entry(county, COORDINATOR, "households", code, today=TODAY),
        lambda: take_lock(county, COORDINATOR, code, now=NOW, minutes=5),
    ):
        with pytest.raises(AppError):
            ask()
    assert leaked(said(search(county, COORDINATOR, code, as_of=TODAY)), [OTHER]) == []
    if code:
        with pytest.raises(PermissionError_):
            lock_of(county, actor_of("neighbour"), code, now=NOW)
    assert fingerprint(county.path) == before


@pytest.mark.parametrize("within", ["99", "990101", "9901011", "990101102", "990101%", "٩٩٠١٠١١٠١"])
def test_a_wider_or_crafted_prefix_opens_nothing(county, within):
    for ask in (
        lambda: register_table(county, COORDINATOR, "households", as_of=TODAY, township=within),
        lambda: register_table(county, actor_of("resident"), "groups", as_of=TODAY, township=within),
    ):
        try:
            answer = said(ask())
        except PermissionError_ as refusal:
            answer = said(refusal)
        assert leaked(answer, [OTHER]) == []


def test_one_foreign_row_spoils_the_whole(county):
    mixed = assigning(cell_of(OWN), cell_of(OTHER))
    assert isinstance(refused(county, mixed, given=[cell_of(OTHER)]), PermissionError_)
    refused(county, EndRequest("grid_officer", (cell_of(OWN), cell_of(OTHER)), TODAY, "离岗"))
    items = assigning(cell_of(OWN), cell_of(OTHER)).rows
    refused(county, HandoverRequest(f"o-{OWN}", TODAY, items, "调离"), given=[cell_of(OTHER)])
    refused(county, HandoverRequest(BOTH, TODAY, items, "调离"), given=[cell_of(OTHER)])


def test_a_village_that_does_not_match_its_cells(county):
    for kind in ("split", "merge", "redraw", "retire"):
        codes = (cell_of(OTHER), cell_of(OTHER, 2)) if kind == "merge" else (cell_of(OTHER),)
        shape = LineString([(117.045, 35.4), (117.045, 35.6)]) if kind == "split" else square(OWN, 0, 0, 1, 1)
        shape = None if kind in ("merge", "retire") else shape
        refused(county, drawn(kind, OWN, shape, codes=codes), given=codes)
        assert isinstance(
            refused(county, drawn(kind, OTHER, shape, codes=(cell_of(OWN),)), given=codes), PermissionError_
        )


def test_cells_of_two_villages_are_not_merged(county):
    refused(county, drawn("merge", OWN, codes=(cell_of(OWN), cell_of(SISTER))))
    refused(county, drawn("merge", SISTER, codes=(cell_of(SISTER), cell_of(OTHER))), given=[cell_of(OTHER)])


def test_land_of_another_township_is_not_drawn_in(county):
    foreign = square(OTHER, 0.1, 0.1, 0.4, 0.4)
    mostly = shapely.union(square(SISTER, 0.9, 0.8, 1, 1), square(OTHER, 0, 0.8, 0.9, 1)).envelope
    over = shapely.union(square(SISTER, 0, 0, 1, 0.8), square(OTHER, 0, 0, 0.5, 0.8)).envelope
    before = fingerprint(county.path)
    for request in (
        drawn("create", SISTER, foreign),
        drawn("redraw", SISTER, foreign, codes=(cell_of(SISTER),)),
        drawn("replace", SISTER, parts=[square(SISTER, 0, 0, 1, 0.8), foreign]),
    ):
        with pytest.raises(AppError) as caught:
            put(county, request)
        assert leaked(said(caught.value), [OTHER]) == []
        shown = preview(county, COORDINATOR, request, today=TODAY)
        assert shown.faults
        assert leaked(said(shown), [OTHER]) == []
    assert fingerprint(county.path) == before
    land = _land(county, OTHER)
    for request in (
        drawn("create", SISTER, mostly),
        drawn("redraw", SISTER, over, codes=(cell_of(SISTER),)),
    ):
        with suppress(RuleError):
            put(county, request)
        assert shapely.area(shapely.intersection(_land(county, SISTER), square(OTHER, 0, 0, 1, 1))) < 1e-12
    assert land.equals(_land(county, OTHER))


def _land(store, village):
    from geo.store.queries import layer_frame

    with store.read() as session:
        return layer_frame(session, "cells", as_of=TODAY, within=[village]).geometry.union_all()


def test_an_area_over_two_townships_belongs_to_neither(county):
    for user in ("coordinator", "neighbour"):
        request = assigning("a-both", holder="u1", kind="department")
        refused(county, request, actor_of(user), error=PermissionError_)
    assert put(county, assigning("a-both", holder="u1", kind="department"), DEPARTMENT).state == "applied"


def test_what_lies_nowhere_is_the_countys(county):
    add_entry(
        county,
        DEPARTMENT,
        "branches",
        {"code": "b-county", "name": "机关支部"},
        now=NOW,
        today=TODAY,
        reason="设",
    )
    refused(county, assigning("b-county", holder="o-free", kind="org_cadre"), error=PermissionError_)


def test_a_mentor_is_given_only_where_the_cadre_lives(county):
    put(county, assigning(OTHER, holder=f"k-{OTHER}", kind="resident_cadre"), DEPARTMENT)
    put(county, assigning(OWN, holder=f"k-{OWN}", kind="resident_cadre"), DEPARTMENT)
    refused(county, assigning(f"k-{OTHER}", kind="mentor"), error=PermissionError_)
    refused(county, assigning(f"k-{SISTER}", kind="mentor"), error=PermissionError_)
    assert put(county, assigning(f"k-{OWN}", kind="mentor")).state == "applied"


def test_a_group_lies_where_its_entry_says_not_where_its_code_points(county):
    """Codes of groups are free: one that looks like another township's gives no right there."""
    frame = pd.DataFrame({"code": [f"{OWN}77"], "name": ["借名组"], "village_code": [OTHER]})
    from geo.operations.load import load_frame

    load_frame(county, SYSTEM, "groups", frame, now=NOW, source="test")
    given = [f"{OWN}77"]
    refused(
        county, assigning(f"{OWN}77", holder="u1", kind="sub_office"), error=PermissionError_, given=given
    )
    with pytest.raises(PermissionError_):
        who(county, COORDINATOR, f"{OWN}77", as_of=TODAY)
    with pytest.raises(PermissionError_):
        record_history(county, COORDINATOR, f"{OWN}77")


def test_a_record_of_another_township(county):
    number = record_over(county, cell_of(OTHER))
    for more in ({"withdraw": True}, {"holder_code": "o-free"}):
        refused(county, CorrectRequest(number, "错", **more), error=PermissionError_)
    for number in (0, -1, 2**40):
        refused(county, CorrectRequest(number, "错", withdraw=True), error=RuleError)


def test_changes_of_others(county):
    before = fingerprint(county.path)
    for village in (OWN, OTHER):
        done, waiting = change_in(county, village), change_in(county, village, PENDING)
        with pytest.raises(PermissionError_):
            undo(county, COORDINATOR, done, now=NOW, reason="撤")
        with pytest.raises(PermissionError_):
            approve(county, COORDINATOR, waiting, now=NOW, today=TODAY)
    refused(county, ReverseRequest(change_in(county, OTHER), TODAY, "恢复"), error=PermissionError_)
    wide = _wide_change(county)
    refused(county, ReverseRequest(wide, TODAY, "恢复"), error=PermissionError_)
    with pytest.raises(TransitionError):
        undo_last(county, COORDINATOR, now=NOW)
    assert fingerprint(county.path) == before


def _wide_change(store):
    with store.read() as session:
        return next(one.code for one in session.query(Change).all() if len(one.townships) == 2)


def test_what_was_seen_is_no_way_to_ask(county):
    """The state that a client says it saw may name anything: nothing is told of what it may not see."""
    made_up = {f"grid_officer:{cell_of(OTHER, 2)}": "1", f"cell:{cell_of(OTHER)}": "9", "staff:x": "?"}
    for seen in (made_up, {f"staff:{home_of(OTHER)}": "1"}, {"": ""}):
        with pytest.raises(ConflictError) as caught:
            put(county, assigning(cell_of(OWN)), seen=seen)
        assert leaked(said(caught.value), [OTHER]) == []
        assert {other.code for other in caught.value.others} <= {cell_of(OWN)}


def test_a_conflict_names_no_wider_change(county):
    request = assigning(cell_of(OWN))
    shown = preview(county, COORDINATOR, request, today=TODAY)
    wide = replace(assigning(cell_of(OTHER), cell_of(OWN), holder=f"k-{OWN}"), reason="统一")
    put(county, wide, DEPARTMENT)
    with pytest.raises(ConflictError) as caught:
        put(county, request, seen=shown.seen)
    assert leaked(said(caught.value), [OTHER]) == []
    assert [other.user for other in caught.value.others] == ["department"]


DOCUMENT = assigning(cell_of(OWN)).document()
MALFORMED = {
    "nothing": {},
    "unknown action": {**DOCUMENT, "action": "drop"},
    "action is a list": {**DOCUMENT, "action": ["assign"]},
    "rows missing": {"action": "assign", "reason": "x"},
    "rows a text": {**DOCUMENT, "rows": "abc"},
    "rows a number": {**DOCUMENT, "rows": 5},
    "row not a mapping": {**DOCUMENT, "rows": [["grid_officer"]]},
    "unknown kind": {**DOCUMENT, "rows": [{**DOCUMENT["rows"][0], "kind": "king"}]},
    "unknown rank": {**DOCUMENT, "rows": [{**DOCUMENT["rows"][0], "rank": "first"}]},
    "target a number": {**DOCUMENT, "rows": [{**DOCUMENT["rows"][0], "target_code": 5}]},
    "holder a list": {**DOCUMENT, "rows": [{**DOCUMENT["rows"][0], "holder_code": ["o-free"]}]},
    "no day": {**DOCUMENT, "rows": [{**DOCUMENT["rows"][0], "valid_from": "yesterday"}]},
    "reason a number": {**DOCUMENT, "reason": 5},
    "reason null": {**DOCUMENT, "reason": None},
    "record a text": {"action": "correct", "record_id": "1 OR 1=1", "reason": "x", "withdraw": True},
    "targets a text": {
        "action": "end",
        "kind": "grid_officer",
        "targets": "99",
        "on": "2026-05-01",
        "reason": "x",
    },
    "targets numbers": {
        "action": "end",
        "kind": "grid_officer",
        "targets": [5],
        "on": "2026-05-01",
        "reason": "x",
    },
    "holder a mapping": {
        "action": "handover",
        "holder_code": {},
        "on": "2026-05-01",
        "items": [],
        "reason": "x",
    },
    "village a number": {
        "action": "cell.retire",
        "kind": "retire",
        "village_code": 9,
        "on": "2026-05-01",
        "reason": "x",
    },
    "change a list": {"action": "reverse", "change_code": [], "on": "2026-05-01", "reason": "x"},
    "owners a list": {
        **drawn("create", OWN, square(OWN, 0, 0.8, 1, 1)).document(),
        "owners": ["o-free"],
    },
    "names numbers": {**drawn("create", OWN, square(OWN, 0, 0.8, 1, 1)).document(), "names": [5]},
    "geometry a text": {**drawn("create", OWN).document(), "geometry": "POLYGON"},
    "geometry without coordinates": {**drawn("create", OWN).document(), "geometry": {"type": "Polygon"}},
    "geometry of letters": {
        **drawn("create", OWN).document(),
        "geometry": {"type": "Polygon", "coordinates": [[["a", "b"]]]},
    },
    "unknown kind of cell change": {**drawn("create", OWN).document(), "kind": "explode"},
}


@pytest.mark.parametrize("document", MALFORMED.values(), ids=MALFORMED)
def test_malformed_documents(county, document):
    before = fingerprint(county.path)
    with pytest.raises(AppError):
        put(county, parse_request(document))
    assert fingerprint(county.path) == before


def test_what_a_document_adds_is_passed_over(county):
    extra = {**DOCUMENT, "actor": "department", "places": [OTHER], "townships": [], "user": "department"}
    assert parse_request(extra) == assigning(cell_of(OWN))
    foreign = {**assigning(cell_of(OTHER)).document(), "places": [OWN], "townships": [OWN_TOWNSHIP]}
    refused(county, parse_request(foreign), error=PermissionError_, given=[cell_of(OTHER)])


def waiting(store, request=None):
    set_approval(store, DEPARTMENT, OWN_TOWNSHIP, True, now=NOW, reason="换届")
    return put(store, request or assistant(OWN, f"k-{OWN}")).code


def test_a_change_that_waits_is_approved_by_another(county):
    code = waiting(county)
    made = replace(COORDINATOR, role=Role.DEPARTMENT, scopes=frozenset({""}))
    before = fingerprint(county.path)
    with pytest.raises(PermissionError_, match="本人"):
        approve(county, made, code, now=NOW, today=TODAY)
    assert fingerprint(county.path) == before
    assert approve(county, DEPARTMENT, code, now=NOW, today=TODAY).state == "applied"
    with pytest.raises(TransitionError):
        approve(county, DEPARTMENT, code, now=NOW, today=TODAY)


def test_whoever_lost_the_township_gets_nothing_approved(county):
    code = waiting(county)
    _move(county, "coordinator", [OTHER_TOWNSHIP])
    before = fingerprint(county.path)
    with pytest.raises(PermissionError_):
        approve(county, DEPARTMENT, code, now=NOW, today=TODAY)
    assert fingerprint(county.path) == before


def _move(store, user, scopes):
    from geo.answers.accounts import account_table

    version = int(account_table(store, SYSTEM).set_index("user").loc[user, "version"])
    change_account(
        store,
        DEPARTMENT,
        user=user,
        role=Role.COORDINATOR,
        scopes=scopes,
        version=version,
        now=NOW,
        reason="调岗",
    )


def test_whoever_was_closed_gets_nothing_approved(county):
    code = waiting(county)
    disable_account(county, DEPARTMENT, user="coordinator", now=NOW, reason="离职")
    before = fingerprint(county.path)
    with pytest.raises(PermissionError_, match="停用"):
        approve(county, DEPARTMENT, code, now=NOW, today=TODAY)
    assert fingerprint(county.path) == before


def test_a_waiting_change_that_was_edited_is_checked_again(county):
    code = waiting(county)
    with county.write() as session:
        change = session.query(Change).filter_by(code=code).one()
        edited = assistant(OTHER, f"k-{OWN}").document()
        change.request = {**change.request, **edited}
    before = fingerprint(county.path)
    with pytest.raises(AppError):
        approve(county, DEPARTMENT, code, now=NOW, today=TODAY)
    assert fingerprint(county.path) == before


def test_approval_is_not_gone_round(county, tmp_path):
    set_approval(county, DEPARTMENT, OWN_TOWNSHIP, True, now=NOW, reason="换届")
    before = fingerprint(county.path)
    rows = pd.DataFrame([("grid_officer", "o-free", cell_of(OWN), "2026-05-01")])
    rows.columns = ["kind", "holder_code", "target_code", "valid_from"]
    rows.to_csv(tmp_path / "r.csv", index=False)
    with pytest.raises(RuleError, match="批准"):
        import_file(county, COORDINATOR, tmp_path / "r.csv", "responsibilities", now=NOW)
    with pytest.raises(RuleError, match="批准"):
        import_file(county, actor_of("whole"), tmp_path / "r.csv", "responsibilities", now=NOW)
    assert fingerprint(county.path) == before
    assert import_file(county, DEPARTMENT, tmp_path / "r.csv", "responsibilities", now=NOW).written


@pytest.mark.parametrize(
    ("layer", "row"),
    [
        ("households", {"code": home_of(OTHER), "village_code": OWN, "people": 9}),
        ("groups", {"code": f"{OTHER}01", "name": "夺来的组", "village_code": OWN}),
        ("branches", {"code": f"b-{OTHER}", "name": "夺来的支部", "village_code": OWN}),
        ("areas", {"code": "a-both", "name": "夺来的片", "village_codes": OWN}),
        ("cadres", {"code": f"o-{OTHER}", "name": "改名"}),
        ("units", {"code": "u1", "name": "改名局"}),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_an_import_pulls_nothing_over(county, tmp_path, layer, row, dry_run):
    before = fingerprint(county.path)
    pd.DataFrame([row]).to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(PermissionError_) as caught:
        import_file(county, COORDINATOR, tmp_path / "rows.csv", layer, now=NOW, dry_run=dry_run)
    assert leaked(said(caught.value), [OTHER]) == []
    assert fingerprint(county.path) == before


@pytest.mark.parametrize("user", ["leader", "resident", "auditor"])
def test_who_writes_nothing_is_told_nothing_of_a_file(county, tmp_path, user):
    pd.DataFrame([{"code": "x", "village_code": "nowhere"}]).to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(PermissionError_):
        import_file(county, actor_of(user), tmp_path / "rows.csv", "households", now=NOW, dry_run=True)


def test_a_form_pulls_nobody_over(county):
    stated = {"now": NOW, "reason": "核对"}
    before = fingerprint(county.path)
    for values in ({"village_code": OTHER}, {"village_code": OTHER, "cell_code": cell_of(OTHER)}):
        with pytest.raises(AppError):
            correct_entry(county, COORDINATOR, "households", home_of(OWN), values, version=1, **stated)
    for code in (home_of(OTHER),):
        with pytest.raises(PermissionError_) as caught:
            correct_entry(county, COORDINATOR, "households", code, {"village_code": OWN}, version=1, **stated)
        assert leaked(said(caught.value), [OTHER], given=[code]) == []
    with pytest.raises(AppError):
        correct_entry(
            county,
            COORDINATOR,
            "households",
            home_of(OWN),
            {"cell_code": cell_of(OTHER)},
            version=1,
            **stated,
        )
    with pytest.raises(AppError):
        add_entry(
            county,
            COORDINATOR,
            "households",
            {"code": home_of(OTHER), "village_code": OWN},
            today=TODAY,
            **stated,
        )
    assert fingerprint(county.path) == before


def test_households_beyond_the_border_are_not_counted(county):
    """Next to the border 'households near' would count the neighbours one by one."""
    beyond = square(OTHER, 0.01, 0.3, 0.01, 0.3).centroid
    values = {"village_code": OTHER, "lon": beyond.x, "lat": beyond.y}
    add_entry(county, DEPARTMENT, "households", values, now=NOW, today=TODAY, reason="迁入")
    here = square(SISTER, 0.99, 0.3, 0.99, 0.3).centroid
    near = what_is_here(county, COORDINATOR, here.x, here.y, as_of=TODAY)
    everything = what_is_here(county, DEPARTMENT, here.x, here.y, as_of=TODAY)
    assert near.village_code == SISTER
    assert (near.households_near, everything.households_near) == (0, 1)


def test_who_works_on_what_lies_partly_in_sight(county):
    take_lock(county, DEPARTMENT, "a-both", now=NOW, minutes=5)
    for user in ("coordinator", "neighbour"):
        found = lock_of(county, actor_of(user), "a-both", now=NOW)
        assert found is not None
        assert found.user == "department"


def test_somebody_elses_lock_stays_when_looking_as_them(county):
    mine = take_lock(county, COORDINATOR, cell_of(OWN), now=NOW, minutes=5)
    before = fingerprint(county.path)
    for attempt in (
        lambda: release_lock(county, LOOKING, cell_of(OWN)),
        lambda: undo_last(county, LOOKING, now=NOW),
        lambda: set_password(county, LOOKING, user="coordinator", password=PASSWORD, now=NOW),
        lambda: stop_viewing(county, LOOKING, user="coordinator", now=NOW),
    ):
        with pytest.raises(PermissionError_):
            attempt()
    assert fingerprint(county.path) == before
    assert lock_of(county, COORDINATOR, cell_of(OWN), now=NOW) == mine
    release_lock(county, actor_of("neighbour"), cell_of(OWN))
    assert lock_of(county, COORDINATOR, cell_of(OWN), now=NOW) == mine
    release_lock(county, COORDINATOR, cell_of(OWN))
    assert lock_of(county, COORDINATOR, cell_of(OWN), now=NOW) is None


def test_ones_own_change_and_password(county):
    put(county, assigning(cell_of(OWN)))
    assert undo_last(county, COORDINATOR, now=NOW).state == "undone"
    set_password(county, COORDINATOR, user="coordinator", password="quiet water runs", now=NOW)
    stop_viewing(county, DEPARTMENT, user="coordinator", now=NOW)
    with pytest.raises(PermissionError_):
        set_password(county, COORDINATOR, user="neighbour", password=PASSWORD, now=NOW)


TAMPERING = {
    "a row's action": "UPDATE audit SET action = 'assigned' WHERE id = {id}",
    "a row's before": "UPDATE audit SET before = NULL WHERE id = {id}",
    "a row's after": "UPDATE audit SET after = '{{}}' WHERE id = {id}",
    "a row's reason": "UPDATE audit SET reason = 'other' WHERE id = {id}",
    "a row's user": "UPDATE audit SET user = 'neighbour' WHERE id = {id}",
    "a row gone": "DELETE FROM audit WHERE id = {id}",
    "the end cut off": "DELETE FROM audit WHERE id >= {id}",
    "the last row gone": "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
    "the head": "UPDATE setting SET value = 'f' WHERE key = 'audit_head'",
    "the head gone": "DELETE FROM setting WHERE key = 'audit_head'",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_tampering_with_the_audit_of_changes_is_found(county, statement):
    done = put(county, assigning(cell_of(OWN)))
    put(county, drawn("retire", OWN, codes=(cell_of(OWN, 2),)))
    with county.read() as session:
        assert verify(session).is_whole
        row = session.execute(text("SELECT id FROM audit WHERE subject = :code"), {"code": done.code})
        number = row.scalar_one()
    with county.write() as session:
        for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            if "audit" in name:
                session.execute(text(f'DROP TRIGGER "{name}"'))
        session.execute(text(statement.format(id=number)))
    with county.read() as session:
        assert not verify(session).is_whole
