"""The accounts, and what was done to one of them: for the department."""

from __future__ import annotations

import pandas as pd

from geo.access import Actor, require_reader
from geo.i18n import N_, _
from geo.store.engine import Store
from geo.store.queries import layer_frame
from geo.store.register import audited
from geo.store.rows import all_accounts
from geo.vocabulary import Role

COLUMNS = ("user", "role", "scopes", "scope_names", "disabled", "must_change", "version")
_ACTIONS = {
    "account.create": N_("新建"),
    "account.change": N_("改身份或范围"),
    "account.password": N_("修改密码"),
    "account.reset": N_("重置密码"),
    "account.disable": N_("停用"),
    "account.enable": N_("启用"),
    "view_as.start": N_("开始以其身份查看"),
    "view_as.stop": N_("结束以其身份查看"),
}


def account_table(store: Store, actor: Actor) -> pd.DataFrame:
    """Every account by name: ``user, role, scopes, scope_names, disabled, must_change, version``.

    Raises
    ------
    PermissionError_
        The actor is not the department.
    """
    require_reader(actor, Role.DEPARTMENT)
    with store.read() as session:
        names = scope_names(
            pd.concat([layer_frame(session, layer)[["code", "name"]] for layer in ("townships", "villages")])
        )
        rows = [
            (
                account.user,
                account.role,
                tuple(account.scopes),
                "、".join(names.get(scope, scope) for scope in account.scopes),
                bool(account.disabled),
                bool(account.must_change),
                account.version,
            )
            for account in all_accounts(session)
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def scope_names(places: pd.DataFrame) -> dict[str, str]:
    """How each scope is called: townships and villages by name, ``""`` as the whole county."""
    return {"": _("全县"), **dict(zip(places["code"], places["name"], strict=True))}


def account_history(store: Store, actor: Actor, user: str) -> pd.DataFrame:
    """What was done to an account, latest first: ``at, user, action, reason``; ``action`` in words.

    Raises
    ------
    PermissionError_
        The actor is not the department.
    """
    require_reader(actor, Role.DEPARTMENT)
    with store.read() as session:
        found = audited(session, user, ("account.", "view_as."))
    words = found["action"].map({action: _(word) for action, word in _ACTIONS.items()})
    return found[["at", "user", "reason"]].assign(action=words)[["at", "user", "action", "reason"]]
