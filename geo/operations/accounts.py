"""Accounts: who they are, their passwords, and when their sessions end (design §6).

Passwords are kept as argon2id hashes and never reach the audit. Every change of an account raises its
``session_epoch``; cookies made under an older epoch are no longer good. A password that the department gave
out (``must_change``) is good for one thing only: setting one's own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from geo.access import Actor, require_own, require_role
from geo.errors import ConflictError, PermissionError_, RuleError
from geo.i18n import _
from geo.operations.account_rules import (
    actor_of,
    existing_account,
    hashed,
    matches,
    nobodys_hash,
    one_time_password,
    require_not_last,
    require_password,
    require_reason,
    require_scopes,
    require_user_name,
)
from geo.operations.rules_now import day_of, rules_on
from geo.rules import Rules
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.models import Account
from geo.store.rows import account_named
from geo.vocabulary import Role


def create_account(
    store: Store,
    actor: Actor,
    *,
    user: str,
    role: Role,
    scopes: Collection[str],
    password: str,
    now: datetime,
    must_change: bool = False,
) -> Actor:
    """Make an account; only the department may.

    Parameters
    ----------
    user : str
        2–40 letters, digits, ``_ . -``, starting with a letter.
    scopes : collection of str
        County, township or village codes it is confined to; ``""`` means the whole county.
    must_change : bool
        Whether it must be changed at the first login.

    Raises
    ------
    PermissionError_
        The actor is not the department.
    InputError
        A malformed name, scope or password.
    RuleError
        The name is taken.
    """
    require_role(actor, Role.DEPARTMENT)
    require_user_name(user)
    require_scopes(role, scopes)
    require_password(user, password, _rules_today(store, now))
    account = Account(
        user=user,
        role=role,
        scopes=sorted(scopes),
        password_hash=hashed(password),
        must_change=must_change,
    )
    with store.write() as session:
        if account_named(session, user) is not None:
            raise RuleError(_("账号“{user}”已存在。").format(user=user))
        session.add(account)
        session.flush()
        after = {"role": str(role), "scopes": sorted(scopes)}
        record(session, actor, "account.create", now=now, subject=user, after=after)
    return actor_of(account)


def invite(
    store: Store, actor: Actor, *, user: str, role: Role, scopes: Collection[str], now: datetime
) -> str:
    """Make an account with a one-time password, which is given back once and kept nowhere.

    Raises as `create_account` does.
    """
    password = one_time_password()
    create_account(
        store, actor, user=user, role=role, scopes=scopes, password=password, now=now, must_change=True
    )
    return password


def authenticate(store: Store, user: str, password: str) -> Actor:
    """The actor behind a user name and password.

    An unknown name costs as much time as a wrong password and gives the same message.

    Raises
    ------
    PermissionError_
        The name is unknown, the password wrong or the account disabled.
    """
    with store.read() as session:
        account = account_named(session, user)
        usable = account is not None and not account.disabled
        kept = account.password_hash if account is not None else nobodys_hash()
        if matches(kept, password) and usable and account is not None:
            return actor_of(account)
    raise PermissionError_(_("用户名或密码不正确。"), hint=_("如忘记密码，请联系县委组织部重置。"))


def actor_named(store: Store, user: str) -> Actor:
    """The actor of an enabled account; `PermissionError_` when there is none of that name."""
    with store.read() as session:
        account = account_named(session, user)
        if account is None or account.disabled:
            raise PermissionError_(_("没有可用的账号“{user}”。").format(user=user))
        return actor_of(account)


def session_epoch(store: Store, user: str) -> int:
    """The epoch a cookie of this user must carry; -1 when the account is disabled or unknown."""
    with store.read() as session:
        account = account_named(session, user)
        return -1 if account is None or account.disabled else account.session_epoch


def set_password(store: Store, actor: Actor, *, user: str, password: str, now: datetime) -> None:
    """Give an account a new password and end its sessions; one's own, or anybody's for the department."""
    require_own(actor)
    if actor.user != user:
        require_role(actor, Role.DEPARTMENT)
    _set_password(store, actor, user, password, now, action="account.password", must_change=False)


def reset_password(store: Store, actor: Actor, *, user: str, now: datetime, reason: str) -> str:
    """A one-time password for somebody who lost theirs; given back once, to be changed at the next login.

    Raises
    ------
    PermissionError_
        The actor is not the department.
    InputError
        No reason, or no such account.
    """
    require_role(actor, Role.DEPARTMENT)
    require_reason(reason)
    password = one_time_password()
    _set_password(
        store, actor, user, password, now, action="account.reset", must_change=True, reason=reason.strip()
    )
    return password


def _rules_today(store: Store, now: datetime) -> Rules:
    with store.read() as session:
        return rules_on(session, day_of(now))


def _set_password(
    store: Store,
    actor: Actor,
    user: str,
    password: str,
    now: datetime,
    *,
    action: str,
    must_change: bool,
    reason: str | None = None,
) -> None:
    require_password(user, password, _rules_today(store, now))
    kept = hashed(password)
    with store.write() as session:
        account = existing_account(session, user)
        account.password_hash, account.must_change = kept, must_change
        account.session_epoch += 1
        record(session, actor, action, now=now, subject=user, reason=reason)


def change_account(
    store: Store,
    actor: Actor,
    *,
    user: str,
    role: Role,
    scopes: Collection[str],
    version: int,
    now: datetime,
    reason: str,
) -> None:
    """Give an account another role or scope and end its sessions.

    Parameters
    ----------
    version : int
        The version the actor saw.

    Raises
    ------
    PermissionError_
        The actor is not the department.
    InputError
        A malformed scope, no reason, no such account.
    ConflictError
        Somebody changed it since.
    RuleError
        It is the last working account of the department and would not be one any more.
    """
    require_role(actor, Role.DEPARTMENT)
    require_reason(reason)
    require_scopes(role, scopes)
    with store.write() as session:
        account = existing_account(session, user)
        if account.version != version:
            raise ConflictError(
                _("账号“{user}”刚刚被别人修改过。").format(user=user), hint=_("请核对最新内容后再保存。")
            )
        before = {"role": account.role, "scopes": account.scopes}
        after = {"role": str(role), "scopes": sorted(scopes)}
        if before == after:
            return
        if role is not Role.DEPARTMENT:
            require_not_last(session, account)
        account.role, account.scopes = str(role), sorted(scopes)
        account.session_epoch += 1
        record(
            session,
            actor,
            "account.change",
            now=now,
            subject=user,
            before=before,
            after=after,
            reason=reason.strip(),
        )


def disable_account(store: Store, actor: Actor, *, user: str, now: datetime, reason: str) -> None:
    """Close an account and end its sessions; the last working account of the department stays open."""
    require_role(actor, Role.DEPARTMENT)
    require_reason(reason)
    with store.write() as session:
        account = existing_account(session, user)
        if account.disabled:
            raise RuleError(_("账号“{user}”已停用。").format(user=user))
        require_not_last(session, account)
        account.disabled = True
        account.session_epoch += 1
        record(session, actor, "account.disable", now=now, subject=user, reason=reason.strip())


def enable_account(store: Store, actor: Actor, *, user: str, now: datetime, reason: str) -> None:
    """Open a closed account again; its old sessions stay ended."""
    require_role(actor, Role.DEPARTMENT)
    require_reason(reason)
    with store.write() as session:
        account = existing_account(session, user)
        if not account.disabled:
            raise RuleError(_("账号“{user}”没有停用。").format(user=user))
        account.disabled = False
        account.session_epoch += 1
        record(session, actor, "account.enable", now=now, subject=user, reason=reason.strip())


def start_viewing(store: Store, actor: Actor, *, user: str, now: datetime) -> None:
    """Note that the department begins to look at the system as another account.

    Raises
    ------
    PermissionError_
        The actor is not the department, or looks as somebody else already.
    InputError, RuleError
        No such account, a disabled one, or one's own.
    """
    require_role(actor, Role.DEPARTMENT)
    with store.write() as session:
        account = existing_account(session, user)
        if account.disabled or user == actor.user:
            raise RuleError(_("不能以账号“{user}”的身份查看。").format(user=user))
        record(session, actor, "view_as.start", now=now, subject=user)


def stop_viewing(store: Store, actor: Actor, *, user: str, now: datetime) -> None:
    """Note that the department's account (``actor`` itself, not as whom it looked) has stopped looking."""
    with store.write() as session:
        record(session, actor, "view_as.stop", now=now, subject=user)
