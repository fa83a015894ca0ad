"""Names, messages and moments as people read them."""

from __future__ import annotations

from datetime import datetime

_MARKUP = frozenset(r"\`*_{}[]()<>#+-|~$:!&")


def named(name: str, *details: str) -> str:
    """A name and what is to be said about it, as safe Markdown."""
    said = " · ".join(plain(detail) for detail in details if detail)
    return f"{plain(name)} :gray[{said}]" if said else plain(name)


def plain(text: str) -> str:
    """The text with every sign escaped that Markdown or Streamlit would read as markup."""
    return "".join(f"\\{sign}" if sign in _MARKUP else sign for sign in text)


def local_time(moment: datetime) -> str:
    """A moment on the office's clock, to the minute."""
    return f"{datetime.fromtimestamp(moment.timestamp()):%Y-%m-%d %H:%M}"
