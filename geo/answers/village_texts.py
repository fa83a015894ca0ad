"""What is written about a village."""

from __future__ import annotations

from datetime import datetime

from geo.access import Actor, require_read
from geo.exchange.village_profile import TextLine
from geo.store.engine import Store
from geo.store.texts import village_texts
from geo.vocabulary import TextKind

_ORDER = list(TextKind)


def text_lines(
    store: Store, actor: Actor, village_code: str, *, known_at: datetime | None = None
) -> tuple[TextLine, ...]:
    """The texts of a village by kind, the latest year of each first.

    Parameters
    ----------
    known_at : datetime or None
        As they were worded then; None: as they are.

    Raises
    ------
    PermissionError_
        The village lies outside the actor's scope.
    """
    require_read(actor, village_code)
    with store.read() as session:
        found = village_texts(session, village_code, known_at=known_at)
    lines = (
        TextLine(row.kind, int(row.year), row.body, row.recorded_at.to_pydatetime(), row.recorded_by)
        for row in found.itertuples(index=False)
    )
    return tuple(sorted(lines, key=lambda line: (_ORDER.index(TextKind(line.kind)), -line.year)))
