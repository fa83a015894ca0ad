"""The questions of the one table: who may ask what, and about where."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pypdfium2

from geo.access import Actor
from geo.answers import accounts as account_answers
from geo.answers import (
    chain,
    coverage,
    holders,
    holdings,
    inspection_list,
    names,
    network,
    place,
    records,
    register,
    search,
    targets,
    thresholds,
    villages,
    who,
)
from geo.answers import changes as change_answers
from geo.operations import (
    handover,
    locks,
    propose,
)
from geo.store.engine import Store
from geo.vocabulary import ResponsibilityKind
from tests.security.matrix_county import (
    NOW,
    SET_RULE,
    TODAY,
    cell_of,
    home_of,
    square,
)
from tests.security.matrix_table import (
    DEPARTMENT,
    PERSONAL,
    Attempt,
    Question,
)

PARTS = ("township", "village", "holder", "unit")


def _of_day(ask: Callable[..., Any], *more: Any, **named: Any) -> Attempt:
    return lambda store, actor, village: ask(store, actor, *more, as_of=TODAY, **named)


def _middle(village: str) -> tuple[float, float]:
    point = square(village, 0.25, 0.25, 0.3, 0.3).centroid
    return point.x, point.y


_MADE: dict[str, Any] = {"as_of": TODAY, "made_at": NOW}


def _paper(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(page.get_textpage().get_text_bounded() for page in document)


def _workbook(xlsx: bytes) -> str:
    book = openpyxl.load_workbook(BytesIO(xlsx))
    return " ".join(str(cell.value) for sheet in book for row in sheet for cell in row)


def _targets(store: Store, actor: Actor, village: str) -> Any:
    return [
        targets.target_table(store, actor, kind, as_of=TODAY, township=village) for kind in ResponsibilityKind
    ]


QUESTIONS: dict[str, Question] = {
    "changes of a village": Question(
        "changes.change_list",
        lambda store, actor, village: change_answers.change_list(store, actor, township=village),
    ),
    "all changes": Question(
        "changes.change_list",
        lambda store, actor, _village: change_answers.change_list(store, actor),
        refuses=False,
    ),
    "whether changes wait": Question(
        "changes.requires_approval",
        change_answers.requires_approval,
    ),
    "coverage of a village": Question(
        "coverage.coverage",
        lambda store, actor, village: coverage.coverage(store, actor, as_of=TODAY, within=village),
    ),
    "coverage": Question("coverage.coverage", _of_day(coverage.coverage), refuses=False),
    "coverage of a village by parts": Question(
        "coverage.coverage_by",
        lambda store, actor, village: [
            coverage.coverage_by(store, actor, by=by, as_of=TODAY, within=village) for by in PARTS
        ],
    ),
    "coverage table of a village": Question(
        "coverage.coverage_table",
        lambda store, actor, village: [
            coverage.coverage_table(store, actor, by=by, as_of=TODAY, within=village) for by in PARTS
        ],
    ),
    "coverage tables": Question(
        "coverage.coverage_table",
        lambda store, actor, _village: [
            coverage.coverage_table(store, actor, by=by, as_of=TODAY) for by in PARTS
        ],
        refuses=False,
    ),
    "coverage with outlines": Question(
        "coverage.coverage_areas", _of_day(coverage.coverage_areas, by="village"), refuses=False
    ),
    "chains of a village": Question(
        "chain.chain_table",
        lambda store, actor, village: chain.chain_table(store, actor, as_of=TODAY, township=village),
    ),
    "chains": Question("chain.chain_document", _of_day(chain.chain_document), refuses=False),
    "candidates there": Question(
        "holders.candidates",
        lambda store, actor, village: holders.candidates(
            store, actor, ResponsibilityKind.GRID_OFFICER, as_of=TODAY, township=village
        ),
    ),
    "candidates": Question(
        "holders.candidates",
        lambda store, actor, village: holders.candidates(
            store, actor, ResponsibilityKind.GRID_OFFICER, as_of=TODAY, text="o-", near=_middle(village)
        ),
        refuses=False,
    ),
    "what somebody holds": Question(
        "holdings.holdings",
        lambda store, actor, village: holdings.holdings(store, actor, f"o-{village}", as_of=TODAY),
        refuses=False,
    ),
    "what somebody holds in several places": Question(
        "holdings.holdings",
        lambda store, actor, _village: [
            holdings.holdings(store, actor, code, as_of=TODAY) for code in ("o-both", "o-free")
        ],
        refuses=False,
    ),
    "inspection list there": Question(
        "inspection_list.inspection_list",
        lambda store, actor, village: inspection_list.inspection_list(
            store, actor, as_of=TODAY, made_at=NOW, township=village
        ),
    ),
    "inspection list": Question(
        "inspection_list.inspection_list",
        _of_day(inspection_list.inspection_list, made_at=NOW),
        refuses=False,
    ),
    "inspection list as files": Question(
        "inspection_list.inspection_file",
        lambda store, actor, village: [
            _paper(inspection_list.inspection_file(store, actor, "pdf", township=village, **_MADE)),
            _workbook(inspection_list.inspection_file(store, actor, "xlsx", township=village, **_MADE)),
        ],
    ),
    "names of villages": Question(
        "names.village_names",
        lambda store, actor, _village: names.village_names(store, actor),
        refuses=False,
    ),
    "names of groups": Question("names.group_names", names.group_names),
    "network there": Question(
        "network.network",
        lambda store, actor, village: network.network(store, actor, as_of=TODAY, township=village),
    ),
    "network": Question("network.network", _of_day(network.network), refuses=False),
    "what is here": Question(
        "place.what_is_here",
        lambda store, actor, village: place.what_is_here(store, actor, *_middle(village), as_of=TODAY),
        refuses=False,
    ),
    "history of a cell": Question(
        "records.record_history",
        lambda store, actor, village: records.record_history(store, actor, cell_of(village, 2)),
    ),
    "history of a cell that a wide change touched": Question(
        "records.record_history",
        lambda store, actor, village: records.record_history(store, actor, cell_of(village)),
    ),
    "history of an officer": Question(
        "records.record_history",
        lambda store, actor, _village: [
            records.record_history(store, actor, code) for code in ("o-both", "o-free")
        ],
        refuses=False,
    ),
    "history of a household": Question(
        "records.record_history",
        lambda store, actor, village: records.record_history(store, actor, home_of(village)),
    ),
    "registers of a village": Question(
        "register.register_table",
        lambda store, actor, village: [
            register.register_table(store, actor, layer, as_of=TODAY, township=village, retired=True)
            for layer in ("groups", "branches")
        ],
    ),
    "registers": Question(
        "register.register_table",
        lambda store, actor, _village: [
            register.register_table(store, actor, layer, as_of=TODAY, retired=True)
            for layer in register.registers_for(actor)
            if layer != "areas"
        ],
        refuses=False,
    ),
    "households": Question(
        "register.register_table",
        lambda store, actor, village: register.register_table(
            store, actor, "households", as_of=TODAY, township=village
        ),
        roles=PERSONAL,
    ),
    "a household": Question(
        "register.entry",
        lambda store, actor, village: register.entry(
            store, actor, "households", home_of(village), today=TODAY
        ),
        roles=PERSONAL,
    ),
    "a group": Question(
        "register.entry",
        lambda store, actor, village: register.entry(store, actor, "groups", f"{village}01", today=TODAY),
    ),
    "a branch": Question(
        "register.entry",
        lambda store, actor, village: register.entry(store, actor, "branches", f"b-{village}", today=TODAY),
    ),
    "a cadre": Question(
        "register.entry",
        lambda store, actor, _village: [
            register.entry(store, actor, "cadres", code, today=TODAY) for code in ("o-free", "o-both")
        ],
        refuses=False,
    ),
    "the next code": Question(
        "register.proposed_code",
        lambda store, actor, village: register.proposed_code(store, actor, "groups", village_code=village),
    ),
    "search": Question(
        "search.search",
        lambda store, actor, village: [
            search.search(store, actor, text, as_of=TODAY) for text in ("密", village, "H1", "%", "_")
        ],
        refuses=False,
    ),
    "targets there": Question("targets.target_table", _targets),
    "all targets": Question(
        "targets.target_table",
        lambda store, actor, _village: targets.target_table(
            store, actor, ResponsibilityKind.GRID_OFFICER, as_of=TODAY
        ),
        refuses=False,
    ),
    "villages": Question("villages.villages", _of_day(villages.villages), refuses=False),
    "village table": Question(
        "villages.village_table",
        lambda store, actor, village: villages.village_table(store, actor, as_of=TODAY, township=village),
    ),
    "who answers for a cell": Question(
        "who.who", lambda store, actor, village: who.who(store, actor, cell_of(village), as_of=TODAY)
    ),
    "who answers for a household": Question(
        "who.who", lambda store, actor, village: who.who(store, actor, home_of(village), as_of=TODAY)
    ),
    "who answers for a branch": Question(
        "who.who", lambda store, actor, village: who.who(store, actor, f"b-{village}", as_of=TODAY)
    ),
    "what an officer answers for": Question(
        "who.who",
        lambda store, actor, _village: [
            who.who(store, actor, code, as_of=TODAY) for code in ("o-both", "o-free")
        ],
        refuses=False,
    ),
    "thresholds": Question("thresholds.threshold_table", _of_day(thresholds.threshold_table), refuses=False),
    "history of a threshold": Question(
        "thresholds.threshold_history",
        lambda store, actor, _village: thresholds.threshold_history(store, actor, SET_RULE),
        refuses=False,
    ),
    "accounts": Question(
        "accounts.account_table",
        lambda store, actor, _village: account_answers.account_table(store, actor),
        refuses=False,
        roles=DEPARTMENT,
    ),
    "history of an account": Question(
        "accounts.account_history",
        lambda store, actor, _village: account_answers.account_history(store, actor, "coordinator"),
        refuses=False,
        roles=DEPARTMENT,
    ),
    "proposed successors": Question(
        "handover.propose_handover",
        lambda store, actor, village: [
            handover.propose_handover(store, actor, code, on=TODAY, as_of=TODAY)
            for code in (f"o-{village}", "o-both", "o-free")
        ],
        refuses=False,
    ),
    "proposed cells": Question(
        "propose.propose",
        lambda store, actor, village: propose.propose(store, actor, village, as_of=TODAY, count=2).table(),
    ),
    "proposed parts": Question(
        "propose.propose_parts",
        lambda store, actor, village: propose.propose_parts(
            store, actor, cell_of(village), into=2, as_of=TODAY
        ),
    ),
    "who works on a cell": Question(
        "locks.lock_of",
        lambda store, actor, village: locks.lock_of(store, actor, cell_of(village), now=NOW),
    ),
}
"""What may be asked, by whom and about which village."""
