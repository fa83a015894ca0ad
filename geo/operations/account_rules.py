"""What accounts must be like: names, scopes, passwords and their hashes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from geo.access import Actor
from geo.errors import InputError, RuleError
from geo.i18n import _
from geo.rules import Rules
from geo.store.models import Account
from geo.store.rows import account_named, working_accounts
from geo.vocabulary import Role

_USER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,39}\Z")
_SCOPE = re.compile(r"(|[0-9]{6}|[0-9]{9}|[0-9]{12})\Z")
_HASHER = PasswordHasher()
_CLEAR_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not taken for one another when read from paper."""


def hashed(password: str) -> str:
    """The argon2id hash under which a password is kept."""
    return _HASHER.hash(password)


def require_reason(reason: str) -> None:
    """Raise `InputError` unless there is a reason."""
    if not reason.strip():
        raise InputError(_("请填写理由。"), hint=_("理由会记入审计。"))


def require_not_last(session: Session, account: Account) -> None:
    """Raise `RuleError` when this is the last working account of the department."""
    working = account.role == Role.DEPARTMENT and not account.disabled
    if working and working_accounts(session, Role.DEPARTMENT) == 1:
        raise RuleError(
            _("这是最后一个可用的组织部账号，不能停用或改为其他身份。"),
            hint=_("请先新建另一个组织部账号。"),
        )


def one_time_password() -> str:
    """A random password that can be read out and typed."""
    groups = ("".join(secrets.choice(_CLEAR_SIGNS) for _sign in range(4)) for _group in range(4))
    return "-".join(groups)


def existing_account(session: Session, user: str) -> Account:
    """The account of that name; `InputError` when there is none."""
    account = account_named(session, user)
    if account is None:
        raise InputError(_("没有账号“{user}”。").format(user=user))
    return account


def actor_of(account: Account) -> Actor:
    """The actor that an account is."""
    return Actor(
        user=account.user,
        role=Role(account.role),
        scopes=frozenset(account.scopes),
        must_change=bool(account.must_change),
    )


@cache
def nobodys_hash() -> str:
    """A hash to compare with when there is no such account: it costs the same time."""
    return hashed("the password of nobody")


def matches(kept: str, password: str) -> bool:
    """Whether a password is the one that was kept as a hash."""
    try:
        return _HASHER.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def require_user_name(user: str) -> None:
    """Raise `InputError` unless a name is 2–40 letters, digits, ``_ . -``, starting with a letter."""
    if not _USER.match(user):
        raise InputError(
            _("用户名“{user}”不合要求。").format(user=user),
            hint=_("请用 2–40 个字母、数字或 _ . -，以字母开头。"),
        )


def require_scopes(role: Role, scopes: Collection[str]) -> None:
    """Raise `InputError` unless there are scopes, all of them codes; the department has the whole county."""
    faulty = sorted(scope for scope in scopes if not _SCOPE.match(scope))
    if faulty or not scopes:
        raise InputError(
            _("权限范围不合要求：{scopes}。").format(scopes="、".join(faulty) or _("空")),
            hint=_("请用县、乡镇或村的代码；全县用空代码。"),
        )
    if role is Role.DEPARTMENT and set(scopes) != {""}:
        raise InputError(_("县委组织部账号的权限范围是全县。"))


def require_password(user: str, password: str, rules: Rules) -> None:
    """Raise `InputError` when a password is too short or equals the user's name."""
    shortest = int(rules["password_min_length"].value)
    if len(password) < shortest:
        raise InputError(_("密码至少 {count} 个字符。").format(count=shortest))
    if password.casefold() == user.casefold():
        raise InputError(_("密码不能与用户名相同。"))
