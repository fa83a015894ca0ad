"""变更记录 of one thing: every responsibility ever recorded on it or held by it, superseded ones too."""

from __future__ import annotations

import pandas as pd
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.answers.sight import in_sight, require_sight
from geo.store.aggregates import places_of
from geo.store.changes import change_rows
from geo.store.engine import Store
from geo.store.queries import entity_names, entity_of
from geo.store.records import history_of

HISTORY_COLUMNS = [
    "id",
    "kind",
    "rank",
    "holder_code",
    "holder_name",
    "target_code",
    "target_name",
    "valid_from",
    "valid_to",
    "reason",
    "recorded_at",
    "recorded_by",
    "batch",
    "what",
    "stands",
    "superseded_at",
    "superseded_by",
    "closed_by",
    "closed_what",
    "closed_why",
]


def record_history(store: Store, actor: Actor, code: str) -> pd.DataFrame:
    """Everything ever recorded about who answers for a thing, or about what a cadre or unit answers for.

    Returns
    -------
    DataFrame, one row a record, the latest period first
        `HISTORY_COLUMNS`: the record, when and by whom it was recorded and in which change (``batch``,
        ``what``); ``stands`` says whether it still holds, else when, by whom, in which change (``closed_by``,
        ``closed_what``) and why (``closed_why``) it was superseded. Missing values are None. Of a holder only
        what lies in the actor's sight; what a change did is missing where it reached out of sight. Empty when
        nothing was ever recorded.

    Raises
    ------
    CodeError
        Nothing has this code.
    PermissionError_
        The thing lies outside the actor's scope.
    """
    with store.read() as session:
        require_sight(session, actor, entity_of(session, code), code)
        history = _in_sight(session, actor, history_of(session, code), code)
        names = entity_names(session, {*history["holder_code"], *history["target_code"]})
        changes = _told(
            actor, change_rows(session, codes={*history["batch"].dropna(), *history["closed_by"].dropna()})
        )
    called = names.drop_duplicates("code").set_index("code")["name"]
    by_code = changes.set_index("code")
    table = history.assign(
        holder_name=history["holder_code"].map(called),
        target_name=history["target_code"].map(called),
        rank=history["rank"].fillna("primary"),
        what=history["batch"].map(by_code["summary"]),
        stands=history["superseded_at"].isna(),
        superseded_by=history["closed_by"].map(by_code["user"]),
        closed_what=history["closed_by"].map(by_code["summary"]),
        closed_why=history["closed_by"].map(by_code["reason"]),
    )[HISTORY_COLUMNS].astype(object)
    table = table.where(table.notna(), None)
    return table.sort_values(["valid_from", "id"], ascending=False, ignore_index=True)


def _told(actor: Actor, changes: pd.DataFrame) -> pd.DataFrame:
    """Changes without the words of those that reach out of the actor's sight."""
    seen = [all(actor.can_read(code) for code in townships) for townships in changes["townships"]]
    words = changes[["summary", "reason"]].where(pd.Series(seen, index=changes.index, dtype=bool))
    return changes.assign(summary=words["summary"], reason=words["reason"])


def _in_sight(session: Session, actor: Actor, history: pd.DataFrame, code: str) -> pd.DataFrame:
    targets = set(history["target_code"]) - {code}
    places = places_of(session, targets)
    seen = [target == code or in_sight(actor, target, places) for target in history["target_code"]]
    return history[pd.Series(seen, index=history.index, dtype=bool)].reset_index(drop=True)
