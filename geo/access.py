"""Who may read and write what: an actor, its role and the codes it is confined to (design §6, domain §9)."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.errors import PermissionError_
from geo.i18n import _
from geo.vocabulary import Role, label_of

_WRITERS = frozenset({Role.DEPARTMENT, Role.COORDINATOR})
_RECORDERS = frozenset({Role.DEPARTMENT, Role.COORDINATOR, Role.RESIDENT_CADRE})
_SEE_PERSONAL = frozenset({Role.DEPARTMENT, Role.COORDINATOR, Role.RESIDENT_CADRE})
_READ_AUDIT = frozenset({Role.DEPARTMENT, Role.AUDITOR})


@dataclass(frozen=True)
class Actor:
    """An account at work.

    Attributes
    ----------
    user : str
        Account name, as it stands in the audit.
    role : Role
    scopes : frozenset of str
        Code prefixes the account is confined to; ``""`` means the whole county.
    viewer : str
        Account of the department that looks as this one: it sees the same and may change nothing.
    must_change : bool
        The password was given by the department and must be changed before anything else.
    """

    user: str
    role: Role
    scopes: frozenset[str] = field(default_factory=lambda: frozenset({""}))
    viewer: str = ""
    must_change: bool = False

    def covers(self, code: str) -> bool:
        """Whether a township, village, group or cell code lies in the actor's scope."""
        return any(code.startswith(scope) for scope in self.scopes)

    @property
    def maker(self) -> str:
        """The account that signs what is printed: who looks, not as whom."""
        return self.viewer or self.user

    @property
    def reads_all(self) -> bool:
        """Whether nothing in the county is out of this actor's sight."""
        return "" in self.scopes or self.role in (Role.DEPARTMENT, Role.LEADER, Role.AUDITOR)

    @property
    def sees_positions(self) -> bool:
        """Whether single household points may be shown (inside the scope); others get cells and counts."""
        return self.role in _SEE_PERSONAL

    def can_read(self, code: str) -> bool:
        """Whether the territory with this code may be shown."""
        return self.reads_all or self.covers(code)

    def can_unmask(self, code: str) -> bool:
        """Whether personal fields of a household in this territory may be unmasked (with a logged reason)."""
        return not self.viewer and self.role in _SEE_PERSONAL and self.covers(code)

    @property
    def writes(self) -> bool:
        """Whether this account may change anything at all."""
        return any(self.can_write(scope) for scope in self.scopes)

    def can_write(self, code: str) -> bool:
        """Whether records of this territory may be changed."""
        return not self.viewer and self.role in _WRITERS and self.covers(code)

    def can_record(self, code: str) -> bool:
        """Whether the work done in this territory may be recorded: goals, checklists, texts, pictures."""
        return not self.viewer and self.role in _RECORDERS and self.covers(code)


SYSTEM = Actor(user="system", role=Role.DEPARTMENT)
"""The program itself, while it makes a store or loads the sample."""


def require_read(actor: Actor, code: str) -> None:
    """Raise `PermissionError_` unless the actor may see the territory with this code."""
    if not actor.can_read(code):
        raise PermissionError_(
            _("账号“{user}”无权查看 {code}。").format(user=actor.user, code=code),
            hint=_("如需查看，请联系县委组织部调整权限范围。"),
        )


def require_own(actor: Actor) -> None:
    """Raise `PermissionError_` for somebody who only looks at the system as this account (read only)."""
    if actor.viewer:
        raise PermissionError_(
            _("正在以“{user}”的身份查看，只能看，不能改。").format(user=actor.user),
            hint=_("请先在页面顶端结束查看。"),
        )


def require_write(actor: Actor, code: str) -> None:
    """Raise `PermissionError_` unless the actor may change records of the territory with this code."""
    require_own(actor)
    if not actor.can_write(code):
        raise _may_not_change(actor, code)


def require_record(actor: Actor, code: str) -> None:
    """Raise `PermissionError_` unless the actor may record the work done in the territory with this code."""
    require_own(actor)
    if not actor.can_record(code):
        raise _may_not_change(actor, code)


def _may_not_change(actor: Actor, code: str) -> PermissionError_:
    return PermissionError_(
        _("账号“{user}”（{role}）无权修改 {code}。").format(
            user=actor.user, role=label_of(actor.role), code=code or _("全县")
        ),
        hint=_("如需修改，请联系县委组织部调整权限范围。"),
    )


def require_role(actor: Actor, *roles: Role) -> None:
    """Raise `PermissionError_` unless the actor has one of the roles, for a change."""
    require_own(actor)
    require_reader(actor, *roles)


def require_reader(actor: Actor, *roles: Role) -> None:
    """Raise `PermissionError_` unless the actor has one of the roles, for a look."""
    if actor.role not in roles:
        raise PermissionError_(
            _("此操作需要以下身份之一：{roles}。").format(roles="、".join(label_of(role) for role in roles)),
            hint=_("请换用相应账号登录后再试。"),
        )


def require_audit(actor: Actor) -> None:
    """Raise `PermissionError_` unless the actor may read the audit."""
    require_reader(actor, *sorted(_READ_AUDIT))
