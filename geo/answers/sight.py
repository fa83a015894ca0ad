"""Which single things an actor may look at: divisions by their codes, others by the villages they lie in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from geo.access import Actor, require_read
from geo.codes import TOWNSHIP
from geo.errors import PermissionError_
from geo.i18n import _
from geo.store.aggregates import places_of
from geo.vocabulary import EntityKind

DIVISIONS = (
    EntityKind.COUNTY,
    EntityKind.TOWNSHIP,
    EntityKind.VILLAGE,
    EntityKind.CELL,
)
HOLDERS = (EntityKind.CADRE, EntityKind.UNIT)


def require_sight(session: Session, actor: Actor, kind: EntityKind, code: str) -> None:
    """Raise `PermissionError_` unless the actor may look at a thing.

    Cadres and units are known to all; an area is open to whom one of its villages is open.
    """
    if actor.reads_all or kind in HOLDERS:
        return
    if kind in DIVISIONS:
        require_read(actor, code)
    elif not any(actor.covers(village) for village in places_of(session, [code]).get(code, [])):
        raise PermissionError_(
            _("账号“{user}”无权查看 {code}。").format(user=actor.user, code=code),
            hint=_("如需查看，请联系县委组织部调整权限范围。"),
        )


def in_sight(actor: Actor, code: str, places: Mapping[str, Sequence[str]]) -> bool:
    """Whether an actor may see who answers for a thing; ``places`` says where those with own codes lie."""
    if actor.reads_all:
        return True
    villages = places.get(code)
    if villages is not None:
        return any(actor.covers(village) for village in villages)
    return code.isdigit() and len(code) >= TOWNSHIP and actor.covers(code)
