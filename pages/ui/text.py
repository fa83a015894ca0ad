"""Names and messages inside Streamlit's Markdown."""

from __future__ import annotations

_MARKUP = frozenset(r"\`*_{}[]()<>#+-|~$:!&")


def plain(text: str) -> str:
    """The text with every sign escaped that Markdown or Streamlit would read as markup."""
    return "".join(f"\\{sign}" if sign in _MARKUP else sign for sign in text)
