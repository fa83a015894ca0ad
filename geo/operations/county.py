"""Saying which county a store belongs to."""

from __future__ import annotations

from datetime import datetime

from geo.access import Actor, require_role
from geo.codes import COUNTY, require_code
from geo.errors import RuleError
from geo.i18n import _
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.models import County
from geo.store.rows import the_county
from geo.vocabulary import Role


def init_county(store: Store, actor: Actor, *, code: str, name: str, now: datetime) -> None:
    """Set the county of a store once; the same county again only corrects its name.

    Raises
    ------
    PermissionError_
        The actor is not the department.
    CodeError
        The code is not six digits.
    RuleError
        The store belongs to another county already.
    """
    require_role(actor, Role.DEPARTMENT)
    require_code(code, COUNTY)
    with store.write() as session:
        county = the_county(session)
        if county is not None and county.code != code:
            raise RuleError(
                _("本库属于县 {held}，不能改为 {code}。").format(held=county.code, code=code),
                hint=_("另一个县请另建一个库。"),
            )
        if county is not None and county.name == name:
            return
        before = None if county is None else {"name": county.name}
        if county is None:
            session.add(County(code=code, name=name))
        else:
            county.name = name
        record(session, actor, "county.init", now=now, subject=code, before=before, after={"name": name})
