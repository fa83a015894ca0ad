"""Keeping a plan as a draft, and throwing it away; nothing of a draft is in force."""

from __future__ import annotations

from datetime import datetime

from geo.access import Actor, require_read, require_role
from geo.codes import TOWNSHIP
from geo.errors import InputError, PermissionError_
from geo.i18n import _
from geo.operations.gap_plan import PLANNERS, GapPlan
from geo.store import drafts as kept
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.records import lock_writers
from geo.vocabulary import Role

_LONGEST_NAME = 60


def save_plan(store: Store, actor: Actor, plan: GapPlan, *, name: str, now: datetime) -> str:
    """Keep a plan under a name; gives the draft's code.

    Raises
    ------
    PermissionError_
        The actor may not plan, or not there.
    InputError
        No name, or one that is too long.
    """
    require_role(actor, *PLANNERS)
    township = territory_of(actor, plan)
    require_read(actor, plan.options.township or township)
    called = name.strip()
    if not called or len(called) > _LONGEST_NAME:
        raise InputError(_("请给草案起一个不超过 {most} 字的名称。").format(most=_LONGEST_NAME))
    with store.write() as session:
        lock_writers(session)
        code = kept.save_draft(
            session,
            name=called,
            user=actor.user,
            as_of=plan.as_of,
            document=plan.document(),
            now=now,
            township=township,
        )
        after = {"name": called, "township": township, "rows": len(plan.rows)}
        record(session, actor, "plan.save", now=now, subject=code, after=after)
    return code


def delete_plan(store: Store, actor: Actor, code: str, *, now: datetime) -> None:
    """Throw a draft away: one's own, or for the department anybody's.

    Raises
    ------
    PermissionError_
        It is somebody else's.
    InputError
        There is no such draft in the actor's sight.
    """
    require_role(actor, *PLANNERS)
    with store.write() as session:
        lock_writers(session)
        found = kept.drafts(session, code=code, within=draft_scope(actor))
        if found.empty:
            raise InputError(_("没有代码为“{code}”的草案。").format(code=code))
        if actor.role is not Role.DEPARTMENT and found["user"].iloc[0] != actor.user:
            raise PermissionError_(_("只能删除本人保存的草案。"), hint=_("如需删除，请联系县委组织部。"))
        kept.delete_draft(session, code)
        before = {"name": found["name"].iloc[0], "township": found["township"].iloc[0]}
        record(session, actor, "plan.delete", now=now, subject=code, before=before)


def draft_scope(actor: Actor) -> tuple[str, ...]:
    """Townships whose drafts an actor may see; ``""`` for all of them."""
    return ("",) if actor.reads_all else tuple(sorted({scope[:TOWNSHIP] for scope in actor.scopes}))


def territory_of(actor: Actor, plan: GapPlan) -> str:
    """Whose draft it is: that of the township asked for, else of the actor's own; ``""``: the county's."""
    own = {scope[:TOWNSHIP] for scope in actor.scopes}
    alone = next(iter(own)) if len(own) == 1 and not actor.reads_all else ""
    return plan.options.township[:TOWNSHIP] or alone
