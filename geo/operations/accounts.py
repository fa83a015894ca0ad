"""Accounts: who they are, their passwords, and when their sessions end (design §6).

Passwords are kept as argon2id hashes and never reach the audit. A changed password or a disabled
account raises ``session_epoch``; cookies made under an older epoch are no longer good.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from geo.access import Actor, require_role
from geo.errors import InputError, PermissionError_, RuleError
from geo.i18n import _
from geo.rules import load_rules
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.models import Account
from geo.store.rows import account_named, working_accounts
from geo.vocabulary import Role

_USER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,39}\Z")
_SCOPE = re.compile(r"(|[0-9]{6}|[0-9]{9}|[0-9]{12})\Z")
_HASHER = PasswordHasher()


def create_account(
    store: Store,
    actor: Actor,
    *,
    user: str,
    role: Role,
    scopes: Collection[str],
    password: str,
    now: datetime,
) -> Actor:
    """Make an account; only the department may.

    Parameters
    ----------
    user : str
        2–40 letters, digits, ``_ . -``, starting with a letter.
    scopes : collection of str
        County, township or village codes it is confined to; ``""`` means the whole county.

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
    _require_user_name(user)
    _require_scopes(scopes)
    require_password(user, password, now)
    account = Account(user=user, role=role, scopes=sorted(scopes), password_hash=_HASHER.hash(password))
    with store.write() as session:
        if account_named(session, user) is not None:
            raise RuleError(_("账号“{user}”已存在。").format(user=user))
        session.add(account)
        session.flush()
        after = {"role": str(role), "scopes": sorted(scopes)}
        record(session, actor, "account.create", now=now, subject=user, after=after)
    return Actor(user=user, role=role, scopes=frozenset(scopes))


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
        kept = account.password_hash if account is not None else _nobodys_hash()
        if _matches(kept, password) and usable and account is not None:
            return _actor_of(account)
    raise PermissionError_(_("用户名或密码不正确。"), hint=_("如忘记密码，请联系县委组织部重置。"))


def actor_named(store: Store, user: str) -> Actor:
    """The actor of an enabled account; `PermissionError_` when there is none of that name."""
    with store.read() as session:
        account = account_named(session, user)
        if account is None or account.disabled:
            raise PermissionError_(_("没有可用的账号“{user}”。").format(user=user))
        return _actor_of(account)


def session_epoch(store: Store, user: str) -> int:
    """The epoch a cookie of this user must carry; -1 when the account is disabled or unknown."""
    with store.read() as session:
        account = account_named(session, user)
        return -1 if account is None or account.disabled else account.session_epoch


def set_password(store: Store, actor: Actor, *, user: str, password: str, now: datetime) -> None:
    """Give an account a new password and end its sessions; one's own, or anybody's for the department."""
    if actor.user != user:
        require_role(actor, Role.DEPARTMENT)
    require_password(user, password, now)
    hashed = _HASHER.hash(password)
    with store.write() as session:
        account = _existing(session, user)
        account.password_hash = hashed
        account.session_epoch += 1
        record(session, actor, "account.password", now=now, subject=user)


def disable_account(store: Store, actor: Actor, *, user: str, now: datetime, reason: str) -> None:
    """Close an account and end its sessions; the last working account of the department stays open."""
    require_role(actor, Role.DEPARTMENT)
    if not reason.strip():
        raise InputError(_("请填写停用理由。"))
    with store.write() as session:
        account = _existing(session, user)
        if account.disabled:
            raise RuleError(_("账号“{user}”已停用。").format(user=user))
        if account.role == Role.DEPARTMENT and working_accounts(session, Role.DEPARTMENT) == 1:
            raise RuleError(
                _("这是最后一个可用的组织部账号，不能停用。"), hint=_("请先新建另一个组织部账号。")
            )
        account.disabled = True
        account.session_epoch += 1
        record(session, actor, "account.disable", now=now, subject=user, reason=reason)


def _existing(session: Session, user: str) -> Account:
    account = account_named(session, user)
    if account is None:
        raise InputError(_("没有账号“{user}”。").format(user=user))
    return account


def _actor_of(account: Account) -> Actor:
    return Actor(user=account.user, role=Role(account.role), scopes=frozenset(account.scopes))


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("the password of nobody")


def _matches(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _require_user_name(user: str) -> None:
    if not _USER.match(user):
        raise InputError(
            _("用户名“{user}”不合要求。").format(user=user),
            hint=_("请用 2–40 个字母、数字或 _ . -，以字母开头。"),
        )


def _require_scopes(scopes: Collection[str]) -> None:
    faulty = sorted(scope for scope in scopes if not _SCOPE.match(scope))
    if faulty or not scopes:
        raise InputError(
            _("权限范围不合要求：{scopes}。").format(scopes="、".join(faulty) or _("空")),
            hint=_("请用县、乡镇或村的代码；全县用空代码。"),
        )


def require_password(user: str, password: str, now: datetime) -> None:
    """Raise `InputError` when a password is too short or equals the user's name."""
    shortest = int(load_rules(now.date())["password_min_length"].value)
    if len(password) < shortest:
        raise InputError(_("密码至少 {count} 个字符。").format(count=shortest))
    if password.casefold() == user.casefold():
        raise InputError(_("密码不能与用户名相同。"))
