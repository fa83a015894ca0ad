"""The language of a browser: a cookie, Chinese unless it says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse

from geo.i18n import LANGUAGES
from pages.web.addresses import local_path

LANGUAGE_COOKIE = "minqing_language"
YEAR_S = 365 * 86_400


def language_of(cookies: Mapping[str, str]) -> str:
    """Language code in a browser's cookies; ``zh`` when there is none or an unknown one."""
    language = cookies.get(LANGUAGE_COOKIE, "zh")
    return language if language in LANGUAGES else "zh"


def choose_language(request: Request) -> RedirectResponse:
    """Route ``/language/{language}?next=``: remember the language and go back."""
    response = RedirectResponse(local_path(request.query_params.get("next")), 303)
    if request.path_params["language"] in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, request.path_params["language"], max_age=YEAR_S, httponly=True, samesite="lax"
        )
    return response
