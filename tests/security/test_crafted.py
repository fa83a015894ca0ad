"""Codes, shapes and documents that no page would send: refused in words, with nothing written or told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString

from geo.access import SYSTEM
from geo.answers.holdings import holdings
from geo.answers.records import record_history
from geo.answers.register import entry, register_table
from geo.answers.search import search
from geo.answers.who import who
from geo.errors import AppError, ConflictError, PermissionError_, RuleError, TransitionError
from geo.operations.journal import approve, preview, undo, undo_last
from geo.operations.locks import lock_of, take_lock
from geo.operations.registry import add_entry
from geo.operations.requests import (
    CorrectRequest,
    EndRequest,
    HandoverRequest,
    ReverseRequest,
    parse_request,
)
from geo.store.changes import PENDING
from geo.store.engine import Store
from geo.store.models import Change
from tests.security.crafted import (
    COORDINATOR,
    DEPARTMENT,
    STRANGE,
    assigning,
    drawn,
    put,
    refused,
)
from tests.security.matrix_county import (
    BOTH,
    NOW,
    OTHER,
    OWN,
    OWN_TOWNSHIP,
    SISTER,
    TODAY,
    actor_of,
    cell_of,
    fingerprint,
    home_of,
    leaked,
    record_over,
    said,
    square,
)
from tests.security.matrix_table import change_in


@pytest.fixture
def county(crafted_county: Store) -> Store:
    return crafted_county


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
