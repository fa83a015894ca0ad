"""Villages on the list as the map draws them, to whoever may see them."""

from datetime import date, timedelta

import pytest

from layers.rectifications import CLOSED_SHOWN, load_rectifications
from layers.tiles import TileService
from tests.analysis_frames import TOWNSHIP, A, B
from tests.answers_store import DEPARTMENT, ELSEWHERE, RESIDENT_OF_A
from tests.rectifying import ASKED, LISTED, closed, county, listed, requested, step, working
from tests.unit.test_tiles import everything

DAY = date(2026, 5, 1)
ZOOM = 12


@pytest.fixture
def place(store):
    return county(store)


def drawn(store, as_of=DAY, township=""):
    part = load_rectifications(store, as_of=as_of, township=township)
    columns = (part.columns[name] for name in ("code", "status", "state"))
    return {code: (status, state) for code, status, state in zip(*columns, strict=True)}


def sent(store, actor):
    found = everything(TileService(store), "rectifications", ZOOM, actor=actor, as_of=DAY)
    return {name: [each["properties"] for each in features] for name, features in found.items()}


def test_a_village_shows_its_most_urgent_case(place):
    assert drawn(place) == {}
    requested(place)
    assert drawn(place) == {A: ("on_time", "requested")}
    listed(place, subject_kind="branch", subject_code="br-a", due_on=DAY - timedelta(days=1))
    listed(place, subject_kind="branch", subject_code="br-o")
    listed(place, subject_code=B)
    assert drawn(place) == {A: ("overdue", "listed"), B: ("on_time", "listed")}
    assert drawn(place, township=B) == {B: ("on_time", "listed")}
    assert drawn(place, township=TOWNSHIP) == drawn(place)


def test_what_was_struck_off_stays_for_a_year_and_what_was_withdrawn_goes(place):
    closed(place)
    code = listed(place, subject_code=B)
    step(place, DEPARTMENT, code, "withdraw", on=LISTED, document_no="3号")
    assert drawn(place) == {A: ("closed", "closed")}
    assert drawn(place, as_of=ASKED + CLOSED_SHOWN - timedelta(days=1)) == {A: ("closed", "closed")}
    assert drawn(place, as_of=ASKED + CLOSED_SHOWN) == {}


def test_tiles_tell_the_status_to_who_may_see_the_village(place):
    working(place)
    listed(place, subject_code=B)
    told = sent(place, DEPARTMENT)
    assert {(each["code"], each["status"]) for each in told["rectifications"]} == {
        (A, "pressing"),
        (B, "on_time"),
    }
    assert sorted(each["status"] for each in told["rectification_signs"]) == ["on_time", "pressing"]
    assert {each["code"]: each["status"] for each in told["rectification_names"]} == {
        A: "pressing",
        B: "on_time",
    }
    own = sent(place, RESIDENT_OF_A)
    assert {each["code"] for each in own["rectifications"]} == {A}
    assert len(own["rectification_signs"]) == 1
    assert sent(place, ELSEWHERE) == {}


def test_a_step_makes_the_tiles_anew(place):
    service = TileService(place)
    before = service.version("rectifications")
    listed(place)
    assert service.version("rectifications") != before
