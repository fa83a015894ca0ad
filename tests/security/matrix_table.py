"""The one table of who may do and ask what: over roles and places, for all the ways in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from shapely.geometry import LineString, mapping

from geo.access import SYSTEM, Actor
from geo.answers import accounts as account_answers
from geo.answers import changes as change_answers
from geo.answers import (
    register,
)
from geo.operations import (
    accounts,
    bulk_assign,
    county,
    designate,
    journal,
    load,
    locks,
    registry,
    thresholds,
    unmask,
)
from geo.operations.requests import (
    Assignment,
    AssignRequest,
    CellRequest,
    CorrectRequest,
    Ending,
    EndRequest,
    HandoverRequest,
    ReassignRequest,
    Request,
    ReverseRequest,
)
from geo.store.changes import APPLIED, PENDING
from geo.store.engine import Store
from geo.vocabulary import Role, VillageLabel
from tests.security.accounts import PASSWORD
from tests.security.matrix_county import (
    COUNTY,
    NOW,
    OTHER,
    OWN,
    SET_RULE,
    SISTER,
    SOUTH,
    STEP,
    TODAY,
    VILLAGES,
    WEST,
    actor_of,
    cell_of,
    home_of,
    record_over,
    square,
)

ACTORS: dict[str, Actor] = {
    **{
        user: actor_of(user)
        for user in (
            "department",
            "coordinator",
            "neighbour",
            "village",
            "whole",
            "leader",
            "resident",
            "auditor",
        )
    },
    "as coordinator": actor_of("coordinator", viewer="department"),
    "as department": actor_of("second", viewer="department"),
}
EVERYWHERE = frozenset(VILLAGES)
REACHES: dict[str, frozenset[str]] = {
    "department": EVERYWHERE,
    "coordinator": frozenset({OWN, SISTER}),
    "neighbour": frozenset({OTHER}),
    "village": frozenset({OWN}),
    "whole": EVERYWHERE,
    "leader": EVERYWHERE,
    "resident": frozenset({OWN}),
    "auditor": EVERYWHERE,
    "as coordinator": frozenset({OWN, SISTER}),
    "as department": EVERYWHERE,
}
"""The villages in an actor's scope. Whose scope is the county but who is no reader of all has none else."""
LOOKING = frozenset({"as coordinator", "as department"})
WRITERS = frozenset({Role.DEPARTMENT, Role.COORDINATOR})
PERSONAL = WRITERS | {Role.RESIDENT_CADRE}
DEPARTMENT = frozenset({Role.DEPARTMENT})
ALL = frozenset(Role)

Attempt = Callable[[Store, Actor, str], Any]


@dataclass(frozen=True)
class Deed:
    """Something that is written, or shown only to who may write it.

    Attributes
    ----------
    attempt : callable
        Does it in a village.
    roles : frozenset of Role
        Who may do it.
    by_place : bool
        Whether only in one's scope.
    function : str
        What it calls, as ``module.function``.
    writes : bool
    """

    function: str
    attempt: Attempt
    roles: frozenset[Role] = WRITERS
    by_place: bool = True
    writes: bool = True

    def allows(self, user: str, village: str) -> bool:
        """Whether an actor may do it there."""
        if user in LOOKING or ACTORS[user].role not in self.roles:
            return False
        return not self.by_place or village in REACHES[user]


@dataclass(frozen=True)
class Question:
    """Something that is asked about a village.

    Attributes
    ----------
    refuses : bool
        Whether it refuses who may not see the village, or leaves out what they may not see.
    roles : frozenset of Role
        Who may ask it at all.
    """

    function: str
    ask: Attempt
    refuses: bool = True
    roles: frozenset[Role] = ALL

    def allows(self, user: str, village: str) -> bool:
        """Whether an actor gets an answer."""
        if ACTORS[user].role not in self.roles:
            return False
        return not self.refuses or village in REACHES[user]


def _put(build: Callable[[Store, str], Request]) -> Attempt:
    return lambda store, actor, village: journal.submit(
        store, actor, build(store, village), now=NOW, today=TODAY, confirmed=True
    )


def _look(build: Callable[[Store, str], Request]) -> Attempt:
    return lambda store, actor, village: journal.preview(store, actor, build(store, village), today=TODAY)


def change_in(store: Store, village: str, state: str = APPLIED) -> str:
    """The code of the change that was made, or waits, in a village."""
    listed = change_answers.change_list(store, SYSTEM, township=village[:9], state=state)
    found = listed[[cell_of(village, 2) in words for words in listed["summary"]]]
    return str(found["code"].iloc[-1])


def _cells(kind: Any, village: str, **more: Any) -> CellRequest:
    return CellRequest(kind, village, TODAY, "调整网格", **more)


def _line(village: str) -> dict[str, Any]:
    left = WEST + STEP * (VILLAGES.index(village) + 0.25)
    return mapping(LineString([(left, SOUTH - 0.001), (left, SOUTH + STEP)]))


REQUESTS: dict[str, Callable[[Store, str], Request]] = {
    "assign": lambda _store, village: AssignRequest(
        (Assignment("grid_officer", "o-free", cell_of(village), TODAY),), "到岗"
    ),
    "assign over a household": lambda _store, village: AssignRequest(
        (Assignment("staff", f"o-{village}", home_of(village), TODAY),), "结对"
    ),
    "assign over a branch": lambda _store, village: AssignRequest(
        (Assignment("org_cadre", f"o-{village}", f"b-{village}", TODAY),), "联系"
    ),
    "end": lambda _store, village: EndRequest("grid_officer", (cell_of(village),), TODAY, "离岗"),
    "correct": lambda store, village: CorrectRequest(
        record_over(store, cell_of(village)), "记错了", holder_code="o-free"
    ),
    "withdraw": lambda store, village: CorrectRequest(
        record_over(store, cell_of(village)), "记错了", withdraw=True
    ),
    "handover": lambda _store, village: HandoverRequest(
        f"o-{village}",
        TODAY,
        (Assignment("grid_officer", "o-free", cell_of(village), TODAY),),
        "调离",
    ),
    "reassign": lambda _store, village: ReassignRequest(
        (Assignment("grid_officer", "o-free", cell_of(village), TODAY),),
        (Ending("grid_officer", cell_of(village), f"o-{village}", TODAY),),
        "补齐空白",
    ),
    "split": lambda _store, village: _cells(
        "split", village, codes=(cell_of(village),), geometry=_line(village)
    ),
    "merge": lambda _store, village: _cells("merge", village, codes=(cell_of(village), cell_of(village, 2))),
    "redraw": lambda _store, village: _cells(
        "redraw", village, codes=(cell_of(village),), geometry=mapping(square(village, 0, 0, 0.4, 0.8))
    ),
    "create": lambda _store, village: _cells(
        "create", village, geometry=mapping(square(village, 0, 0.8, 1, 1))
    ),
    "retire": lambda _store, village: _cells("retire", village, codes=(cell_of(village, 2),)),
    "replace": lambda _store, village: _cells(
        "replace",
        village,
        parts=tuple(mapping(square(village, 0, low, 1, low + 0.4)) for low in (0, 0.4)),
        owners={"0": "o-free", "1": "o-free"},
    ),
    "reverse": lambda store, village: ReverseRequest(change_in(store, village), TODAY, "恢复"),
}
"""Every kind of request, asked of one village."""

_STATED: dict[str, Any] = {"now": NOW, "reason": "工作需要"}


def _add(layer: str, values: Callable[[str], dict[str, Any]]) -> Attempt:
    return lambda store, actor, village: registry.add_entry(
        store, actor, layer, values(village), today=TODAY, **_STATED
    )


def _version(store: Store, layer: str, code: str) -> int:
    return register.entry(store, SYSTEM, layer, code, today=TODAY).version


def _correct(layer: str, code: Callable[[str], str], values: dict[str, Any]) -> Attempt:
    return lambda store, actor, village: registry.correct_entry(
        store, actor, layer, code(village), values, version=_version(store, layer, code(village)), **_STATED
    )


def _retire(layer: str, code: Callable[[str], str]) -> Attempt:
    return lambda store, actor, village: registry.retire_entry(
        store, actor, layer, code(village), on=TODAY, today=TODAY, confirmed=True, **_STATED
    )


def households_file(store: Store, village: str) -> Path:
    """A file with one more household of a village."""
    assert store.path is not None
    file = store.path.parent / f"households-{village}.csv"
    rows = {"code": [f"{village}H9"], "village_code": [village], "people": [2]}
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


def assignments_file(store: Store, village: str) -> Path:
    """A file that assigns the first cell of a village."""
    assert store.path is not None
    file = store.path.parent / f"assignments-{village}.csv"
    row = ("grid_officer", "o-free", cell_of(village), TODAY)
    columns = ["kind", "holder_code", "target_code", "valid_from"]
    pd.DataFrame([row], columns=columns).to_csv(file, index=False)
    return file


def _import(store: Store, actor: Actor, village: str, **how: Any) -> Any:
    return load.import_file(store, actor, households_file(store, village), "households", now=NOW, **how)


def _load(store: Store, actor: Actor, village: str) -> Any:
    frame = pd.DataFrame({"code": [f"{village}02"], "name": ["新组"], "village_code": [village]})
    return load.load_frame(store, actor, "groups", frame, now=NOW, source="test")


def _account_version(store: Store, user: str) -> int:
    table = account_answers.account_table(store, SYSTEM).set_index("user")
    return int(table.loc[user, "version"])


def _register_deeds() -> dict[str, Deed]:
    of_village: dict[str, tuple[Callable[[str], str], dict[str, Any], dict[str, Any]]] = {
        "households": (home_of, {"people": 2}, {"people": 5}),
        "groups": (lambda village: f"{village}01", {"name": "新组"}, {"name": "改名组"}),
        "branches": (lambda village: f"b-{village}", {"name": "新支部"}, {"name": "改名支部"}),
        "cadres": (lambda village: f"k-{village}", {"name": "新人"}, {"duty": "网格员"}),
    }
    of_county: dict[str, tuple[Callable[[str], str], dict[str, Any], dict[str, Any]]] = {
        "units": (lambda _village: "u1", {"name": "新局"}, {"name": "改名局"}),
        "areas": (lambda village: f"a-{village}", {"name": "新片"}, {"name": "改名片"}),
    }
    deeds = {}
    for layer, (code, new, other) in (of_village | of_county).items():
        roles = WRITERS if layer in of_village else DEPARTMENT

        def values(village: str, layer: str = layer, new: dict[str, Any] = new) -> dict[str, Any]:
            point = square(village, 0.3, 0.3, 0.3, 0.3).centroid
            where: dict[str, dict[str, Any]] = {
                "cadres": {"lon": point.x, "lat": point.y},
                "areas": {"village_codes": village},
                "units": {},
            }
            return new | where.get(layer, {"village_code": village})

        deeds |= {
            f"add to {layer}": Deed("registry.add_entry", _add(layer, values), roles),
            f"correct {layer}": Deed("registry.correct_entry", _correct(layer, code, other), roles),
            f"retire {layer}": Deed("registry.retire_entry", _retire(layer, code), roles),
        }
    return deeds


DEEDS: dict[str, Deed] = {
    **{name: Deed("journal.submit", _put(build)) for name, build in REQUESTS.items()},
    **{
        f"preview of {name}": Deed("journal.preview", _look(build), writes=False)
        for name, build in REQUESTS.items()
    },
    "reverse a change": Deed(
        "journal.reverse",
        lambda store, actor, village: journal.reverse(
            store, actor, change_in(store, village), on=TODAY, today=TODAY, confirmed=True, **_STATED
        ),
    ),
    "undo the department's change": Deed(
        "journal.undo",
        lambda store, actor, village: journal.undo(store, actor, change_in(store, village), **_STATED),
        DEPARTMENT,
    ),
    "approve": Deed(
        "journal.approve",
        lambda store, actor, village: journal.approve(
            store, actor, change_in(store, village, PENDING), now=NOW, today=TODAY
        ),
        DEPARTMENT,
    ),
    "reject": Deed(
        "journal.reject",
        lambda store, actor, village: journal.reject(
            store, actor, change_in(store, village, PENDING), **_STATED
        ),
        DEPARTMENT,
    ),
    "ask for approval": Deed(
        "journal.set_approval",
        lambda store, actor, village: journal.set_approval(store, actor, village[:9], True, **_STATED),
        DEPARTMENT,
    ),
    "lock": Deed(
        "locks.take_lock",
        lambda store, actor, village: locks.take_lock(store, actor, cell_of(village), now=NOW, minutes=5),
    ),
    **_register_deeds(),
    "unmask": Deed(
        "unmask.unmask",
        lambda store, actor, village: unmask.unmask(store, actor, home_of(village), **_STATED),
        PERSONAL,
    ),
    "erase": Deed(
        "unmask.erase_personal",
        lambda store, actor, village: unmask.erase_personal(store, actor, home_of(village), **_STATED),
        DEPARTMENT,
    ),
    "import": Deed("load.import_file", _import),
    "try an import": Deed(
        "load.import_file",
        lambda store, actor, village: _import(store, actor, village, dry_run=True),
        writes=False,
    ),
    "load": Deed("load.load_frame", _load),
    "read assignments": Deed(
        "bulk_assign.assign_from_file",
        lambda store, actor, village: bulk_assign.assign_from_file(
            store, actor, assignments_file(store, village), today=TODAY
        ),
        by_place=False,
        writes=False,
    ),
    "designate": Deed(
        "designate.designate_village",
        lambda store, actor, village: designate.designate_village(
            store, actor, village_code=village, label=VillageLabel.WEAK, valid_from=TODAY, **_STATED
        ),
        DEPARTMENT,
    ),
    "set a threshold": Deed(
        "thresholds.set_threshold",
        lambda store, actor, _village: thresholds.set_threshold(
            store, actor, SET_RULE, 50, valid_from=TODAY, **_STATED
        ),
        DEPARTMENT,
    ),
    "take a threshold back": Deed(
        "thresholds.withdraw_threshold",
        lambda store, actor, _village: thresholds.withdraw_threshold(
            store, actor, SET_RULE, valid_from=TODAY, **_STATED
        ),
        DEPARTMENT,
    ),
    "name the county": Deed(
        "county.init_county",
        lambda store, actor, _village: county.init_county(store, actor, code=COUNTY, name="新名", now=NOW),
        DEPARTMENT,
    ),
    "make an account": Deed(
        "accounts.create_account",
        lambda store, actor, _village: accounts.create_account(
            store, actor, user="new", role=Role.LEADER, scopes=[""], password=PASSWORD, now=NOW
        ),
        DEPARTMENT,
    ),
    "invite": Deed(
        "accounts.invite",
        lambda store, actor, _village: accounts.invite(
            store, actor, user="new", role=Role.LEADER, scopes=[""], now=NOW
        ),
        DEPARTMENT,
    ),
    "set another's password": Deed(
        "accounts.set_password",
        lambda store, actor, _village: accounts.set_password(
            store, actor, user="closed", password=PASSWORD, now=NOW
        ),
        DEPARTMENT,
    ),
    "reset a password": Deed(
        "accounts.reset_password",
        lambda store, actor, _village: accounts.reset_password(store, actor, user="closed", **_STATED),
        DEPARTMENT,
    ),
    "change an account": Deed(
        "accounts.change_account",
        lambda store, actor, _village: accounts.change_account(
            store,
            actor,
            user="closed",
            role=Role.COORDINATOR,
            scopes=[""],
            version=_account_version(store, "closed"),
            **_STATED,
        ),
        DEPARTMENT,
    ),
    "close an account": Deed(
        "accounts.disable_account",
        lambda store, actor, _village: accounts.disable_account(store, actor, user="closed", **_STATED),
        DEPARTMENT,
    ),
    "open an account": Deed(
        "accounts.enable_account",
        lambda store, actor, _village: accounts.enable_account(store, actor, user="disabled", **_STATED),
        DEPARTMENT,
    ),
    "look as another": Deed(
        "accounts.start_viewing",
        lambda store, actor, _village: accounts.start_viewing(store, actor, user="closed", now=NOW),
        DEPARTMENT,
    ),
}
"""What may be done, by whom and where."""


OWN_MATTERS = {
    "accounts.set_password": "one's own password",
    "accounts.stop_viewing": "the end of looking as another, noted in one's own name",
    "journal.undo_last": "one's own last change",
    "locks.release_lock": "one's own lock",
}
"""What everybody may do for themselves; each has a test of its own."""

ASKS_NOBODY = {
    "account_rules": "rules about names and passwords",
    "accounts.actor_named": "finds the account itself",
    "accounts.authenticate": "finds the account itself",
    "accounts.session_epoch": "asked by the gate",
    "names.unit_names": "units are known to all",
    "sessions.end_session": "asked by the gate",
    "sessions.session_secret": "asked by the gate",
    "sessions.standing_actor": "asked by the gate",
    "status.status": "counts of the whole store, for whoever has its file",
    "thresholds.threshold_on": "thresholds are known to all",
    "theme.cell_attributes": "filtered by the tile service",
    "theme.chain_attributes": "filtered by the tile service",
    "theme.household_attributes": "filtered by the tile service",
    "theme.village_attributes": "filtered by the tile service",
    "theme.village_lines": "filtered by the tile service",
}
"""Functions over a store that ask for no actor, and why they need not."""
