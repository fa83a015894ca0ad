"""A loaded sample says what its manifest, counted apart from the analyses, expects, on both stores."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from geo.answers.rectifications import case_table
from geo.store.engine import Store
from geo.store.rectifications import case_tasks
from seeds.county import County
from seeds.load import SAMPLE_FILES, load_files
from seeds.write import MANIFEST
from tests.county import AS_OF, NOW
from tests.expected_villages import require_expected, require_overdue
from tests.village_counts import DEPARTMENT


def test_a_small_county_answers_as_its_manifest_expects(county_store: Store, small_county: County) -> None:
    require_expected(county_store, small_county.manifest)
    require_overdue(county_store, small_county.manifest)


def test_cases_come_in_as_the_files_have_them(county_store: Store, small_county: County) -> None:
    made = small_county.cases.on(AS_OF).sort_values("code", ignore_index=True)
    said = case_table(county_store, DEPARTMENT, as_of=AS_OF).sort_values("code", ignore_index=True)
    for name in (
        "code",
        "subject_code",
        "cause",
        "round",
        "state",
        "listed_on",
        "due_on",
        "responsible_code",
    ):
        assert said[name].tolist() == made[name].tolist()
    with county_store.read() as session:
        tasks = case_tasks(session, None)
    names = ["number", "title", "owner_code", "starts_on", "due_on", "done_on"]
    wanted = small_county.cases.tasks.sort_values(["case", "number"], ignore_index=True)
    for name in names:
        assert tasks[name].astype(object).where(tasks[name].notna(), None).tolist() == wanted[name].tolist()


def test_nobody_checks_or_strikes_off_what_the_same_account_did(small_county: County) -> None:
    cases = small_county.cases
    for code, steps in cases.steps.groupby("case"):
        asked = set(steps.loc[steps["action"] == "request", "user"])
        worked = asked | set(cases.tasks.loc[cases.tasks["case"] == code, "user"])
        looked = steps[steps["action"].isin(["review", "check", "close"])]
        assert not worked & set(looked["user"])
        reviewed = set(steps.loc[steps["action"] == "review", "user"])
        assert not reviewed & set(steps.loc[steps["action"] == "check", "user"])


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLE_FILES / MANIFEST).read_text(encoding="utf-8"))
    return read


def test_the_sample_is_what_the_sources_say(manifest: dict[str, Any]) -> None:
    expected = manifest["expected"]
    labels = expected["labels"]
    assert (labels["poor"]["count"], expected["villages_with_income"]) == (390, 875)
    assert expected["poor_percent"] == 44.57
    assert labels["weak"]["count"] == 68
    assert all(labels[name]["count"] for name in ("hollow", "election_priority", "hundred_million"))
    assert len(expected["contradictions"]["weak_without_suspicion"]) == 1
    assert all(len(codes) for codes in expected["contradictions"].values())
    suspected = {code for codes in expected["suspects"]["weak"].values() for code in codes}
    assert suspected - set(labels["weak"]["codes"])
    assert {"closed", "listed", "planned", "working", "requested", "reviewed", "checked", "withdrawn"} == set(
        expected["rectifications"]["by_state"]
    )
    assert expected["rectifications"]["branches_without_village"] >= 5


@pytest.mark.slow
def test_the_whole_sample_answers_as_its_manifest_expects(store: Store, manifest: dict[str, Any]) -> None:
    load_files(store, SAMPLE_FILES, now=NOW)
    require_expected(store, manifest)
    require_overdue(store, manifest)


def test_the_reference_day_is_the_one_of_the_tests(manifest: dict[str, Any]) -> None:
    assert date.fromisoformat(manifest["expected"]["as_of"]) == AS_OF
