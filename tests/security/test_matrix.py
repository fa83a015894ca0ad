"""Who may do what, where and by which way in: one declared table, tried out for everybody."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import geo.answers
import geo.operations
from geo.access import SYSTEM
from geo.answers.gap_plan import plan_draft, plan_drafts
from geo.answers.holdings import holdings
from geo.answers.targets import target_table
from geo.errors import InputError, PermissionError_
from geo.operations.accounts import disable_account
from geo.operations.gap_drafts import delete_plan
from geo.operations.journal import submit
from geo.store.engine import Store, open_store
from geo.vocabulary import ResponsibilityKind, Role
from tests.security.accounts import add_account
from tests.security.matrix_county import (
    NOW,
    OTHER,
    OWN,
    OWN_TOWNSHIP,
    TODAY,
    VILLAGES,
    fingerprint,
    home_of,
    leaked,
    make_matrix_county,
    said,
)
from tests.security.matrix_figures import FIGURE_DEEDS, FIGURE_QUESTIONS
from tests.security.matrix_files import FILE_DEEDS, FILE_MATTERS, FILE_QUESTIONS, hang_files
from tests.security.matrix_gaps import (
    GAP_DEEDS,
    GAP_MATTERS,
    GAP_QUESTIONS,
    GAPS_ASK_NOBODY,
    homes_told,
    plan_of,
    ready_plan,
)
from tests.security.matrix_labels import LABEL_DEEDS, LABEL_QUESTIONS
from tests.security.matrix_profile import PROFILE_QUESTIONS
from tests.security.matrix_questions import QUESTIONS as OTHER_QUESTIONS
from tests.security.matrix_rectification import RECTIFICATION_DEEDS, put_on_the_list
from tests.security.matrix_rectify_ways import CASE_QUESTIONS
from tests.security.matrix_table import (
    ACTORS,
    PERSONAL,
    REACHES,
)
from tests.security.matrix_table import ASKS_NOBODY as OTHERS_ASK_NOBODY
from tests.security.matrix_table import DEEDS as OTHER_DEEDS
from tests.security.matrix_table import OWN_MATTERS as OTHER_MATTERS

pytestmark = pytest.mark.slow
DEEDS, QUESTIONS = OTHER_DEEDS | GAP_DEEDS, OTHER_QUESTIONS | GAP_QUESTIONS
OWN_MATTERS, ASKS_NOBODY = OTHER_MATTERS | GAP_MATTERS, OTHERS_ASK_NOBODY | GAPS_ASK_NOBODY
DEEDS, QUESTIONS = DEEDS | FIGURE_DEEDS, QUESTIONS | FIGURE_QUESTIONS
DEEDS, QUESTIONS = DEEDS | LABEL_DEEDS, QUESTIONS | LABEL_QUESTIONS
DEEDS, QUESTIONS = DEEDS | RECTIFICATION_DEEDS, QUESTIONS | CASE_QUESTIONS | PROFILE_QUESTIONS
DEEDS, QUESTIONS, OWN_MATTERS = DEEDS | FILE_DEEDS, QUESTIONS | FILE_QUESTIONS, OWN_MATTERS | FILE_MATTERS


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    """The county, made once; never opened for writing again."""
    path = tmp_path_factory.mktemp("matrix") / "county.gpkg"
    make_matrix_county(path)
    store = open_store(str(path))
    put_on_the_list(store)
    hang_files(store)
    add_account(store, "disabled", Role.COORDINATOR, [OWN_TOWNSHIP])
    disable_account(store, SYSTEM, user="disabled", now=NOW, reason="离岗")
    store.close()
    return path


@pytest.fixture(scope="session")
def shared(template, tmp_path_factory) -> Iterator[Store]:
    """A copy on which only what is refused is tried: it must stay as it is."""
    path = tmp_path_factory.mktemp("shared") / "county.gpkg"
    shutil.copy(template, path)
    store = open_store(str(path))
    yield store
    store.close()


@pytest.fixture
def county(template, tmp_path) -> Iterator[Store]:
    """A copy of one's own."""
    path = tmp_path / "county.gpkg"
    shutil.copy(template, path)
    store = open_store(str(path))
    yield store
    store.close()


def hidden_from(user: str) -> list[str]:
    return [village for village in VILLAGES if village not in REACHES[user]]


def _public_functions() -> dict[str, inspect.Signature]:
    """Public functions over a store, by ``module.function``."""
    found = {}
    for package in (geo.operations, geo.answers):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module, place = importlib.import_module(info.name), info.name.removeprefix(f"{package.__name__}.")
            for name, function in inspect.getmembers(module, inspect.isfunction):
                signature = inspect.signature(function)
                is_own = function.__module__ == module.__name__ and not name.startswith("_")
                if is_own and "store" in signature.parameters:
                    found[f"{place}.{name}"] = signature
    return found


def test_everything_public_stands_in_the_table():
    public = _public_functions()
    asking = {name for name, signature in public.items() if "actor" in signature.parameters}
    declared = {each.function for each in (*DEEDS.values(), *QUESTIONS.values())} | OWN_MATTERS.keys()
    assert asking == declared
    assert public.keys() - asking == {name for name in ASKS_NOBODY if "." in name}


def test_the_table_tells_the_roles_apart():
    """Each deed is allowed to somebody and refused to somebody: else it would test nothing."""
    for name, deed in DEEDS.items():
        answers = {deed.allows(user, village) for user in ACTORS for village in VILLAGES}
        assert answers == {True, False}, name


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_refused_writes_nothing_and_tells_nothing(shared, deed):
    before = fingerprint(shared.path)
    for user, actor in ACTORS.items():
        for village in VILLAGES:
            if DEEDS[deed].allows(user, village):
                continue
            with pytest.raises(PermissionError_) as refusal:
                DEEDS[deed].attempt(shared, actor, village)
            told = said(refusal.value)
            assert leaked(told, hidden_from(user), given=_asked(village)) == [], (user, village)
    assert fingerprint(shared.path) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_allowed_is_done(template, tmp_path, deed):
    for user, actor in ACTORS.items():
        allowed = [village for village in VILLAGES if DEEDS[deed].allows(user, village)]
        if not allowed:
            continue
        village = allowed[-1]
        path = tmp_path / f"{user}.gpkg"
        shutil.copy(template, path)
        store = open_store(str(path))
        try:
            before = fingerprint(path)
            answer = DEEDS[deed].attempt(store, actor, village)
            assert (fingerprint(path) != before) is DEEDS[deed].writes, user
            assert leaked(said(answer), hidden_from(user), given=_asked(village)) == [], user
        finally:
            store.close()


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_tells_nothing_out_of_scope(shared, question):
    before = fingerprint(shared.path)
    for user, actor in ACTORS.items():
        for village in VILLAGES:
            if QUESTIONS[question].allows(user, village):
                answer = said(QUESTIONS[question].ask(shared, actor, village))
            else:
                with pytest.raises(PermissionError_) as refusal:
                    QUESTIONS[question].ask(shared, actor, village)
                answer = said(refusal.value)
            assert leaked(answer, hidden_from(user), given=_asked(village)) == [], (user, village)
            assert "某户主" not in answer
            assert "1380000" not in answer
            assert "1390000" not in answer
    assert fingerprint(shared.path) == before


@pytest.mark.parametrize("question", [*GAP_QUESTIONS, *PROFILE_QUESTIONS])
def test_no_household_is_named_to_who_may_not_see_single_ones(shared, question):
    for user in ("leader", "auditor"):
        for village in VILLAGES:
            if QUESTIONS[question].allows(user, village):
                answer = said(QUESTIONS[question].ask(shared, ACTORS[user], village))
                assert homes_told(answer) == [], (user, village)


def test_answers_to_the_department_are_of_households_too(shared):
    """Else the test above would test nothing."""
    asked = ("gaps", "document of the gaps", "what became of the gaps", "plan", *PROFILE_QUESTIONS)
    for question in asked:
        assert homes_told(said(QUESTIONS[question].ask(shared, ACTORS["department"], OWN))), question


DRAFTS_SEEN = {
    "department": {"department", "coordinator", "neighbour"},
    "coordinator": {"coordinator"},
    "neighbour": {"neighbour"},
    "village": {"coordinator"},
    "whole": {"department", "coordinator", "neighbour"},
    "leader": {"department", "coordinator", "neighbour"},
    "as coordinator": {"coordinator"},
    "as department": {"department", "coordinator", "neighbour"},
}
"""Whose drafts an actor may open."""


def _drafts(store: Store) -> dict[str, str]:
    """The code of each account's draft."""
    listed = plan_drafts(store, SYSTEM)
    return dict(zip(listed["user"], listed["code"], strict=True))


@pytest.mark.parametrize("user", ACTORS)
def test_drafts_are_opened_in_ones_own_township_and_tell_ones_own(shared, user):
    for maker, code in _drafts(shared).items():
        if maker in DRAFTS_SEEN.get(user, set()):
            told = said(plan_draft(shared, ACTORS[user], code))
            assert leaked(told, hidden_from(user)) == [], maker
            assert ACTORS[user].role in PERSONAL or homes_told(told) == [], maker
        else:
            with pytest.raises((InputError, PermissionError_)) as refusal:
                plan_draft(shared, ACTORS[user], code)
            assert leaked(said(refusal.value), hidden_from(user)) == []


@pytest.mark.parametrize("user", ACTORS)
def test_only_its_maker_and_the_department_throw_a_draft_away(county, user):
    before = fingerprint(county.path)
    may = {user} if user in DRAFTS_SEEN else set()
    if user == "department":
        may = DRAFTS_SEEN["department"]
    for maker, code in _drafts(county).items():
        if maker in may:
            continue
        with pytest.raises((InputError, PermissionError_)):
            delete_plan(county, ACTORS[user], code, now=NOW)
    assert fingerprint(county.path) == before
    for maker, code in _drafts(county).items():
        if maker in may:
            delete_plan(county, ACTORS[user], code, now=NOW)
            assert code not in _drafts(county).values()


@pytest.mark.parametrize("user", ["coordinator", "neighbour", "village", "whole"])
def test_a_coordinator_plans_what_a_coordinator_may_put_into_effect(county, user):
    plan = plan_of(county, ACTORS[user])
    assert len(plan.rows)
    request = plan.request(on=TODAY, reason="补齐空白")
    assert submit(county, ACTORS[user], request, now=NOW, today=TODAY, confirmed=True).state == "applied"


def test_a_plan_of_the_department_is_not_put_into_effect_by_a_coordinator(shared):
    before = fingerprint(shared.path)
    request = ready_plan(shared, OTHER).request(on=TODAY, reason="补齐空白")
    for user in (
        "coordinator",
        "village",
        "leader",
        "resident",
        "auditor",
        "as coordinator",
        "as department",
    ):
        with pytest.raises(PermissionError_):
            submit(shared, ACTORS[user], request, now=NOW, today=TODAY, confirmed=True)
    assert fingerprint(shared.path) == before


@pytest.mark.parametrize("user", ACTORS)
def test_single_households_have_places_only_for_who_may_see_them(shared, user):
    actor = ACTORS[user]
    table = target_table(shared, actor, ResponsibilityKind.STAFF, as_of=TODAY)
    held = holdings(shared, actor, "o-free", as_of=TODAY).table
    sees = actor.role in PERSONAL
    homes = {home_of(village) for village in REACHES[user]}
    assert homes <= set(table["code"])
    assert table.geometry.notna().all() == sees
    assert table.geometry.isna().all() != sees
    paired = held[held["kind"] == "staff"]
    assert set(paired["target_code"]) == homes
    assert paired.geometry.notna().all() == sees
    assert paired["distance_km"].notna().all() == sees


def _asked(village: str) -> list[str]:
    return [f"{village}001", f"{village}002", f"{village}01", f"{village}H1", f"b-{village}"]
