"""The part of the one table that is about villages' labels and the decisions on them."""

from __future__ import annotations

from datetime import timedelta

from geo.access import Actor
from geo.answers import label_trends, priority
from geo.operations import designate
from geo.store.engine import Store
from geo.vocabulary import VillageLabel
from tests.security.matrix_county import NOW, TODAY
from tests.security.matrix_table import DEPARTMENT, Deed, Question

BEFORE = TODAY - timedelta(days=400)
_ABOUT = {"label": VillageLabel.ELECTION_PRIORITY, "reason": "换届", "now": NOW}


def _end(store: Store, actor: Actor, village: str) -> None:
    """Whoever may designate does it first; the others try to end what is not there."""
    if actor.role in DEPARTMENT and not actor.viewer:
        designate.designate_village(store, actor, village_code=village, valid_from=BEFORE, **_ABOUT)
    designate.end_designation(store, actor, village_code=village, valid_to=TODAY, **_ABOUT)


LABEL_DEEDS = {"end a designation": Deed("designate.end_designation", _end, DEPARTMENT)}
LABEL_QUESTIONS = {
    "priority villages of a village": Question(
        "priority.priority_table",
        lambda store, actor, village: priority.priority_table(store, actor, as_of=TODAY, township=village),
    ),
    "priority villages": Question(
        "priority.priority_table",
        lambda store, actor, _village: priority.priority_table(store, actor, as_of=TODAY),
        refuses=False,
    ),
    "labels of a village": Question(
        "priority.label_lines",
        lambda store, actor, village: priority.label_lines(store, actor, village, as_of=TODAY),
    ),
    "suspects in a village": Question(
        "priority.suspect_table",
        lambda store, actor, village: priority.suspect_table(store, actor, as_of=TODAY, township=village),
    ),
    "suspects": Question(
        "priority.suspect_table",
        lambda store, actor, _village: priority.suspect_table(store, actor, as_of=TODAY),
        refuses=False,
    ),
    "contradictions in a village": Question(
        "priority.contradiction_table",
        lambda store, actor, village: priority.contradiction_table(
            store, actor, as_of=TODAY, township=village
        ),
    ),
    "decisions on a village": Question(
        "priority.designation_history",
        priority.designation_history,
    ),
    "labels of a village over the years": Question(
        "label_trends.label_years",
        lambda store, actor, village: label_trends.label_years(
            store, actor, years=(TODAY.year - 1, TODAY.year), as_of=TODAY, township=village
        ),
    ),
    "counts of labels in a village": Question(
        "label_trends.label_counts",
        lambda store, actor, village: label_trends.label_counts(store, actor, as_of=TODAY, township=village),
    ),
    "counts of labels": Question(
        "label_trends.label_counts",
        lambda store, actor, _village: label_trends.label_counts(store, actor, as_of=TODAY),
        refuses=False,
    ),
    "labels of a village on two days": Question(
        "label_trends.label_difference",
        lambda store, actor, village: label_trends.label_difference(
            store, actor, first=BEFORE, second=TODAY, township=village
        ),
    ),
}
"""What may be asked about labels."""
