"""The part of the one table that is about looking at rectifications, and the commands that work on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from PIL import Image

from geo.access import SYSTEM
from geo.answers import rectifications
from geo.store.engine import Store
from geo.store.models import Branch
from geo.vocabulary import Role
from tests.rectifying import bring, finish, listed, put, step
from tests.security.matrix_county import MARKS, NOW, TODAY, VILLAGES, actor_of
from tests.security.matrix_rectification import (
    CHECKING,
    LISTED,
    case_of,
    in_work,
    planning,
    put_on_the_list,
    to_check,
    unlisted,
    unplanned,
)
from tests.security.matrix_table import ALL, DEPARTMENT, PERSONAL, WRITERS, Question

DAY, LATER = TODAY.isoformat(), (LISTED + timedelta(days=120)).isoformat()
_ON, _NOTE, _DOCUMENT = ("--on", DAY), ("--note", "属实"), ("--document", "5号")

CASE_QUESTIONS: dict[str, Question] = {
    "rectifications in a village": Question(
        "rectifications.case_table",
        lambda store, actor, village: rectifications.case_table(store, actor, as_of=TODAY, township=village),
    ),
    "rectifications": Question(
        "rectifications.case_table",
        lambda store, actor, _village: rectifications.case_table(store, actor, as_of=TODAY),
        refuses=False,
    ),
    "rectifications of a village's profile": Question(
        "rectifications.case_lines",
        lambda store, actor, village: rectifications.case_lines(store, actor, village, as_of=TODAY),
    ),
    "all about a rectification": Question(
        "rectifications.case_document",
        lambda store, actor, village: rectifications.case_document(
            store, actor, case_of(store, to_check(village)), as_of=TODAY
        ),
    ),
}
"""What may be asked about rectifications."""


def submitted(village: str) -> str:
    """A branch whose plan waits for the county."""
    return f"b-{village}-5"


def requested(village: str) -> str:
    """A branch whose closing was asked for."""
    return f"b-{village}-6"


def checked(village: str) -> str:
    """A branch that was found in order on the spot."""
    return f"b-{village}-7"


def put_all_on_the_list(store: Store) -> None:
    """Rectifications in every state that a command begins with, in each village."""
    put_on_the_list(store)
    with store.write() as session:
        for village in VILLAGES:
            for subject in (submitted(village), requested(village), checked(village)):
                session.add(Branch(code=subject, name=f"{MARKS[village]}支部", village_code=village))
    for village in VILLAGES:
        _planned(store, village, submitted(village))
        _asked(store, village, requested(village))
        code = _asked(store, village, checked(village))
        _taken(store, "whole", code, "review")
        _taken(store, "leader", code, "check", checker_code="o-free")


def _planned(store: Store, village: str, subject: str) -> str:
    held = {"actor": SYSTEM, "now": NOW}
    who, said = f"o-{village}", f"{MARKS[village]}情况"
    about = {"subject_kind": "branch", "subject_code": subject, "note": said, "listed_on": LISTED}
    code = str(listed(store, responsible_code=who, **about, **held))
    put(store, code, title=said, owner_code=who, starts_on=LISTED, due_on=TODAY, **held)
    _taken(store, "department", code, "plan")
    return code


def _asked(store: Store, village: str, subject: str) -> str:
    code = _planned(store, village, subject)
    _taken(store, "department", code, "approve")
    finish(store, code, actor=SYSTEM, done_on=TODAY)
    bring(store, code, 1, actor=SYSTEM, now=NOW)
    step(store, SYSTEM, code, "request", on=TODAY, now=NOW)
    return code


def _taken(store: Store, user: str, code: str, action: str, **given: str) -> None:
    step(store, actor_of(user), code, action, on=TODAY, now=NOW, **given)


def photo(store: Store) -> Path:
    """A picture beside the store."""
    assert store.path is not None
    file = Path(store.path).parent / "photo.jpg"
    if not file.exists():
        Image.new("RGB", (40, 30), "white").save(file)
    return file


Words = Callable[[Store, str], list[object]]


def _rectify(action: str, subject: Callable[[str], str], *more: object) -> Words:
    return lambda store, village: ["rectify", action, case_of(store, subject(village)), *more]


def _open(_store: Store, village: str) -> list[object]:
    about = ("--kind", "branch", "--cause", "petitions", "--responsible", f"o-{village}")
    return ["rectify", "open", unlisted(village), *about, *_ON, *_NOTE]


def _evidence(store: Store, village: str) -> list[object]:
    return ["rectify", "evidence", case_of(store, in_work(village)), photo(store), "--task", 1]


_TASK = ("--title", "走访", "--from", LISTED.isoformat(), "--due", DAY)
RECTIFY_COMMANDS: dict[str, tuple[Words, frozenset[Role], bool]] = {
    "rectify list": (
        lambda _s, village: ["rectify", "list", "--township", village, "--as-of", DAY],
        ALL,
        False,
    ),
    "rectify show": (_rectify("show", to_check, "--as-of", DAY), ALL, False),
    "rectify open": (_open, DEPARTMENT, True),
    "rectify template": (_rectify("template", unplanned), PERSONAL, True),
    "rectify task": (_rectify("task", planning, *_TASK), PERSONAL, True),
    "rectify remove": (_rectify("remove", planning, "--task", 1, "--reason", "重复"), PERSONAL, True),
    "rectify finish": (_rectify("finish", in_work, "--task", 1, "--reopen"), PERSONAL, True),
    "rectify evidence": (_evidence, PERSONAL, True),
    "rectify plan": (_rectify("plan", planning, *_ON), WRITERS, True),
    "rectify approve": (_rectify("approve", submitted, *_ON), DEPARTMENT, True),
    "rectify request": (_rectify("request", in_work, *_ON, *_NOTE), PERSONAL, True),
    "rectify review": (_rectify("review", requested, *_ON, *_NOTE), WRITERS, True),
    "rectify check": (
        _rectify("check", to_check, "--checker", "o-free", *_ON, *_NOTE),
        CHECKING,
        True,
    ),
    "rectify close": (_rectify("close", checked, *_ON, *_NOTE), DEPARTMENT, True),
    "rectify return": (_rectify("return", requested, *_ON, *_NOTE), WRITERS, True),
    "rectify extend": (
        _rectify("extend", unplanned, "--due", LATER, *_ON, *_NOTE, *_DOCUMENT),
        DEPARTMENT,
        True,
    ),
    "rectify reassign": (
        _rectify("reassign", unplanned, "--responsible", "o-free", *_ON, *_NOTE),
        DEPARTMENT,
        True,
    ),
    "rectify withdraw": (_rectify("withdraw", unplanned, *_ON, *_NOTE, *_DOCUMENT), DEPARTMENT, True),
}
"""What each command does in a village, who may, and whether it writes."""
