"""Our own pages around Streamlit's, rendered from templates in the language of the request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from geo.i18n import _, current_language

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals.update(_=_, current_language=current_language)


def rendered(template: str, **facts: Any) -> str:
    """The text of a page from ``templates/``."""
    return _environment.get_template(template).render(facts)


def html_page(template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page from ``templates/``; ``error`` (an `AppError`) and ``county`` (its name) are optional facts."""
    return HTMLResponse(rendered(template, **{"error": None, "county": "", **facts}), status)
