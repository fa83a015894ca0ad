"""Personal texts made unreadable, but still tellable apart at a glance (domain §9)."""

from __future__ import annotations

_KEPT_BEFORE, _KEPT_AFTER = 3, 4
_SHORTEST_PHONE = 8


def mask_name(name: str | None) -> str:
    """The family name and two stars: ``张三丰`` → ``张**``; nothing for nothing."""
    return f"{name[0]}**" if name else ""


def mask_phone(phone: str | None) -> str:
    """First three and last four digits: ``13812345678`` → ``138****5678``; a short number is all stars."""
    if not phone:
        return ""
    if len(phone) < _SHORTEST_PHONE:
        return "****"
    return f"{phone[:_KEPT_BEFORE]}****{phone[-_KEPT_AFTER:]}"
