"""What a user reads when something goes wrong: one sentence, one hint, never a traceback."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

import streamlit as st

from geo.errors import AppError, PermissionError_, StoreMissing
from geo.i18n import _

logger = logging.getLogger("minqing.pages")


def show_error(error: AppError) -> None:
    """Show an error of ours as it is: what happened and what to do next."""
    text = error.message if not error.hint else f"{error.message}\n\n{error.hint}"
    if isinstance(error, PermissionError_ | StoreMissing):
        st.warning(_plain(text))
    else:
        st.error(_plain(text))


def guarded(render: Callable[[], None]) -> None:
    """Run one page, or one part of it, and turn whatever goes wrong into a sentence.

    An unexpected fault is written to the log under an incident number; the user sees the number only.
    """
    try:
        render()
    except AppError as error:
        show_error(error)
    except Exception:  # the boundary: nothing below may show a traceback
        incident = secrets.token_hex(4)
        logger.exception("incident %s in %s", incident, getattr(render, "__name__", render))
        st.error(_("出了意外的问题。请重试；如仍不行，请把编号 {incident} 告诉管理员。").format(incident=incident))


def _plain(text: str) -> str:
    """Keep Markdown from reading names and paths in a message as markup."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]<>#|~$:" else sign for sign in text)
