"""Texts in the user's language: Chinese in the code, English from one catalogue.

``_("…")`` translates now, ``N_("…")`` only marks a text for the catalogue (use it at module level).
The language belongs to the context (a request, a page run, a command), not to the process.
"""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"zh": "中文", "en": "English"}
CATALOGUES = Path(__file__).parent / "locale"

_language: ContextVar[str] = ContextVar("language", default="zh")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def set_language(language: str) -> None:
    """Choose the language of this context; an unknown one means Chinese."""
    _language.set(language if language in LANGUAGES else "zh")


def current_language() -> str:
    """Code of this context's language: ``zh`` or ``en``."""
    return _language.get()


def _(text: str) -> str:
    """Translate a Chinese text into this context's language; unknown texts stay as they are."""
    return _catalogue(_language.get()).gettext(text)


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a text for the catalogue without translating it yet."""
    return text
