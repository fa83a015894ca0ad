"""Names and messages inside Streamlit's Markdown."""

from __future__ import annotations

_MARKUP = frozenset(r"\`*_{}[]()<>#+-|~$:!&")


def named(name: str, *details: str) -> str:
    """A name and what is to be said about it, as safe Markdown."""
    said = " · ".join(plain(detail) for detail in details if detail)
    return f"{plain(name)} :gray[{said}]" if said else plain(name)


def plain(text: str) -> str:
    """The text with every sign escaped that Markdown or Streamlit would read as markup."""
    return "".join(f"\\{sign}" if sign in _MARKUP else sign for sign in text)
