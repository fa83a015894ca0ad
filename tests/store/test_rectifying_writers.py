"""Two who take the same step at once, and one who is killed: each step is there once, whole or not at all."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd
import pytest
from sqlalchemy import select

from geo.analysis.rectification.transitions import transition
from geo.store.audit import verify
from geo.store.backup import verify_store
from geo.store.engine import Store
from geo.store.models import Audit
from geo.store.rectifications import case_events, case_rows, case_tasks
from geo.store.village_models import Attachment, RectificationTask
from geo.vocabulary import CaseAction, CaseState
from tests import rectifying
from tests.answers_store import DEPARTMENT
from tests.rectifying import SECOND
from tests.store.rectifying_writer import TAKEN, race, rectify_until_killed
from tests.store.writers import CONTEXT, ended, killed, received, start, url_of

ROUNDS, KILLS = 12, 20


def test_of_two_who_take_the_same_step_one_goes_on(store: Store) -> None:
    code = rectifying.planned(rectifying.county(store))
    together = CONTEXT.Barrier(2)
    started = [start(race, url_of(store), actor, code, ROUNDS, together) for actor in (DEPARTMENT, SECOND)]
    said = Counter(received([line for _process, line in started]))
    ended(started)
    tasks, steps = ROUNDS // 3, ROUNDS // 3 * 2
    assert said == {TAKEN: ROUNDS, "ConflictError": tasks, "TransitionError": steps}
    with store.read() as session:
        taken = case_events(session, code)["action"].tolist()
        numbers = case_tasks(session, [code])["number"].tolist()
        assert verify(session).is_whole
    assert taken == ["list", *("plan", "return") * (ROUNDS // 3)]
    assert numbers == list(range(1, tasks + 2))


@pytest.mark.slow
def test_who_is_killed_leaves_no_half_step(gpkg_store: Store) -> None:
    rectifying.county(gpkg_store)
    moments, said = random.Random(20260501), Counter[str]()
    for _run in range(KILLS):
        said.update(killed(start(rectify_until_killed, url_of(gpkg_store)), moments))
    _require_whole(gpkg_store, said)
    assert verify_store(gpkg_store).is_sound


def _require_whole(store: Store, said: Counter[str]) -> None:
    """What was acknowledged is there; all that is there is audited, and each case is where its steps led."""
    with store.read() as session:
        cases = case_rows(session)
        steps = [case_events(session, case["code"]) for case in cases]
        standing = case_tasks(session, [case["code"] for case in cases])
        tasks = session.scalars(select(RectificationTask.case_code)).all()
        pieces = session.scalars(select(Attachment.code)).all()
        written = session.execute(select(Audit.action, Audit.subject)).all()
        assert verify(session).is_whole
    audited = Counter((re.sub(r"(?<=task)\..*", "", action), subject) for action, subject in written)
    assert said.total() >= KILLS
    assert said.total() <= audited.total() <= said.total() + KILLS
    assert audited == _audits(steps, tasks, pieces)
    assert not standing.duplicated(["case_code", "number"]).any()
    assert [case["state"] for case in cases[:-1]] == ["closed"] * (len(cases) - 1)
    assert len(cases) > 1
    for case, events in zip(cases, steps, strict=True):
        state = CaseState(events["state"].iloc[0])
        for action in events["action"].iloc[1:]:
            state = transition(CaseAction(action), state).after
        assert state == case["state"]


def _audits(
    steps: list[pd.DataFrame], tasks: Sequence[str], pieces: Sequence[str]
) -> Counter[tuple[str, str]]:
    """What stands in the audit when everything was written once: each step, task record and piece."""
    audits = Counter(("rectify.task", code) for code in tasks)
    audits.update(("attachment.add", code) for code in pieces)
    for events in steps:
        audits.update(
            (f"rectify.{action}", code)
            for action, code in zip(events["action"], events["case_code"], strict=True)
        )
    return audits
