"""The made-up county's accounts, as the login page offers them; never shown for a real county's store."""

from __future__ import annotations

from dataclasses import dataclass

from geo.i18n import N_, _
from geo.vocabulary import Role, label_of


@dataclass(frozen=True)
class SampleAccount:
    """One account to try the application with."""

    user: str
    role: str
    sees: str

    @property
    def password(self) -> str:
        """The password that the sample's loader gives every account."""
        return f"{self.user}-minqing-2026"


_ACCOUNTS = (
    ("department", Role.DEPARTMENT, N_("全县，可查看和修改")),
    ("coordinator", Role.COORDINATOR, N_("一个乡镇，可修改网格责任")),
    ("leader", Role.LEADER, N_("全县，只看村、网格和统计")),
    ("resident", Role.RESIDENT_CADRE, N_("一个村")),
    ("auditor", Role.AUDITOR, N_("全县和审计记录，不能修改")),
)


def sample_accounts() -> tuple[SampleAccount, ...]:
    """The five accounts, in this context's language."""
    return tuple(SampleAccount(user, label_of(role), _(sees)) for user, role, sees in _ACCOUNTS)
