"""What a browser is told when something fails: one table from error class to status, never a traceback."""

from __future__ import annotations

import logging
import secrets

import streamlit as st
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from geo import errors
from geo.errors import AppError
from geo.i18n import _
from pages.ui.text import plain
from pages.web.headers import add_security_headers
from pages.web.paper import html_page
from pages.web.session import SessionOver

log = logging.getLogger("minqing.web")

STATUS: dict[type[AppError], int] = {
    AppError: 400,
    errors.InputError: 400,
    errors.FileFault: 422,
    errors.FrameError: 422,
    errors.CodeError: 404,
    errors.RuleError: 409,
    errors.TransitionError: 409,
    errors.ConflictError: 409,
    errors.ConfirmationNeeded: 409,
    errors.PermissionError_: 403,
    SessionOver: 401,
    errors.StoreError: 503,
    errors.StoreMissing: 503,
}


def status_of(error: AppError) -> int:
    """HTTP status of an error: that of its class or of the nearest class above it."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_response(error: AppError, connection: HTTPConnection) -> Response:
    """The answer to a request that failed for a reason its user can read: a page for a page, else JSON."""
    return _say(error, status_of(error), connection)


def _say(error: AppError, status: int, connection: HTTPConnection) -> Response:
    if "text/html" in connection.headers.get("accept", ""):
        return html_page("error.html", status=status, error=error)
    return JSONResponse({"message": error.message, "hint": error.hint}, status)


def answer_app_error(request: Request, error: Exception) -> Response:
    """Exception handler of the application for `AppError`."""
    if not isinstance(error, AppError):
        raise error
    return error_response(error, request)


def answer_unexpected(request: Request, error: Exception) -> Response:
    """Exception handler of the application for everything else: log it, and give the user a number to quote.

    It answers outside the gate, for errors of the gate itself too, and so adds the security headers.
    """
    if isinstance(error, AppError):
        response = error_response(error, request)
    else:
        response = _say(_reported(error, request.url.path), 500, request)
    add_security_headers(response.headers, request.url.path, is_whole=False)
    return response


def show_script_error(error: Exception) -> bool:
    """Show a page's uncaught error: its own message, or a number to quote. True: it has been shown."""
    shown = error if isinstance(error, AppError) else _reported(error, "page")
    # Messages name files and values that came in: nothing of them may be read as a link or a picture.
    st.error(f"{plain(shown.message)}  \n{plain(shown.hint)}")
    return True


def _reported(error: Exception, where: str) -> AppError:
    incident = secrets.token_hex(4)
    log.error("incident %s at %s", incident, where, exc_info=error)
    hint = _("请稍后再试；如仍不行，请把编号 {incident} 告诉管理员。").format(incident=incident)
    return AppError(_("程序出错，操作没有完成。"), hint=hint)
