"""The gate before everything: no session, no page, no websocket, no tile, no upload (decision 0003).

Runs around the whole application for http and websocket alike. It believes nothing a client says about
itself: ``x-minqing-*`` headers are dropped and set anew from the session.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo.access import Actor
from geo.errors import AppError, PermissionError_
from geo.i18n import _, set_language
from pages.web.addresses import asks_for_page, is_own_origin, is_secure
from pages.web.errors import error_response
from pages.web.headers import add_security_headers
from pages.web.language import language_of
from pages.web.session import COOKIE, SessionOver, Sessions, Ticket, session_cookie
from pages.web.settings import WebSettings

USER_HEADER = "x-minqing-user"
_OUR_HEADERS = b"x-minqing-"
_OPEN_PATHS = frozenset({"/login", "/healthz", "/favicon.ico", "/favicon.png"})
# Libraries and Streamlit's own bundle: public code, no data; the login page fetches them ahead.
_OPEN_TREES = ("/assets/", "/static/js/", "/static/css/", "/static/media/", "/language/")
# Where somebody may go who has a password from the department and none of their own yet.
_WITHOUT_OWN_PASSWORD = ("/password", "/logout")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY_VIOLATION = 1008


def is_open(path: str) -> bool:
    """Whether a path is answered without a session."""
    return path in _OPEN_PATHS or (path.startswith(_OPEN_TREES) and ".." not in path)


@dataclass(frozen=True)
class Gate:
    """ASGI middleware that lets only sessions through.

    Attributes
    ----------
    app : ASGI application
        What is guarded.
    sessions, settings : callables
        Give the process's sessions and settings; asked at each request, because the store opens later.
    """

    app: ASGIApp
    sessions: Callable[[], Sessions]
    settings: Callable[[], WebSettings]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = _without_our_headers(scope)
        connection = HTTPConnection(scope)
        set_language(language_of(connection.cookies))
        if scope["type"] == "http":
            await self._http(scope, receive, _with_security_headers(send, scope["path"]), connection)
        else:
            await self._websocket(scope, receive, send, connection)

    async def _http(self, scope: Scope, receive: Receive, send: Send, connection: HTTPConnection) -> None:
        if scope["method"] not in _SAFE_METHODS and not is_own_origin(connection.headers, self.settings()):
            refusal = PermissionError_(_("请求来自其他网站，已拒绝。"), hint=_("请从本系统页面操作。"))
            await error_response(refusal, connection)(scope, receive, send)
            return
        if is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            ticket, actor = await self._session(connection)
        except AppError as refusal:
            await _refuse(refusal, connection)(scope, receive, send)
            return
        if actor.must_change and not scope["path"].startswith(_WITHOUT_OWN_PASSWORD):
            await _to_password(connection)(scope, receive, send)
            return
        renewed = self.sessions().renewed(ticket)
        if renewed is not None:
            send = _with_cookie(send, self.sessions().seal(renewed), connection, self.settings())
        await self.app(_signed_in(scope, ticket, actor), receive, send)

    async def _websocket(
        self, scope: Scope, receive: Receive, send: Send, connection: HTTPConnection
    ) -> None:
        try:
            if not is_own_origin(connection.headers, self.settings()):
                raise SessionOver
            ticket, actor = await self._session(connection)
            if actor.must_change:
                raise SessionOver
        except AppError:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        guarded = _GuardedSocket(receive, send, lambda: self._holds(ticket))
        await self.app(_signed_in(scope, ticket, actor), guarded.receive, guarded.send)

    async def _session(self, connection: HTTPConnection) -> tuple[Ticket, Actor]:
        sessions = self.sessions()
        ticket = sessions.open(connection.cookies.get(COOKIE))
        if ticket is None:
            raise SessionOver
        # Only a session that was not seen for some seconds costs a thread and a look into the store.
        known = sessions.known_actor(ticket)
        return ticket, known if known is not None else await to_thread.run_sync(sessions.actor, ticket)

    async def _holds(self, ticket: Ticket) -> bool:
        sessions = self.sessions()
        if sessions.known_actor(ticket) is not None:
            return True
        try:
            await to_thread.run_sync(sessions.actor, ticket)
        except AppError:
            return False
        return True


class _GuardedSocket:
    """An open websocket that is closed at its next message once its session is over."""

    def __init__(self, receive: Receive, send: Send, holds: Callable[[], Awaitable[bool]]) -> None:
        self._receive, self._send, self._holds = receive, send, holds
        self._closed = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.receive" and not await self._still_open():
            return {"type": "websocket.disconnect", "code": _POLICY_VIOLATION}
        return message

    async def send(self, message: Message) -> None:
        if message["type"] != "websocket.send" or await self._still_open():
            await self._send(message)

    async def _still_open(self) -> bool:
        if not self._closed and not await self._holds():
            self._closed = True
            await self._send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        return not self._closed


def _without_our_headers(scope: Scope) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if not name.lower().startswith(_OUR_HEADERS)]
    return {**scope, "headers": headers}


def _signed_in(scope: Scope, ticket: Ticket, actor: Actor) -> Scope:
    headers = [*scope["headers"], (USER_HEADER.encode(), quote(actor.user).encode())]
    return {
        **scope,
        "headers": headers,
        "state": {**scope.get("state", {}), "ticket": ticket, "actor": actor},
    }


def _refuse(error: AppError, connection: HTTPConnection) -> Response:
    """To the login page for somebody who opened a page; an answer with a status for everything else."""
    if not isinstance(error, SessionOver) or not asks_for_page(connection):
        return error_response(error, connection)
    wanted = connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)


def _to_password(connection: HTTPConnection) -> Response:
    """To the page for a new password; an answer with a status for what pages load by themselves."""
    if asks_for_page(connection):
        return RedirectResponse("/password", 303)
    refusal = PermissionError_(_("请先设置自己的密码。"), hint=_("初始密码只能使用一次。"))
    return error_response(refusal, connection)


def _with_security_headers(send: Send, path: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            add_security_headers(MutableHeaders(scope=message), path, is_whole=message["status"] < 400)
        await send(message)

    return send_with_headers


def _with_cookie(send: Send, value: str, connection: HTTPConnection, settings: WebSettings) -> Send:
    cookie = session_cookie(value, secure=is_secure(connection, settings), max_age_s=settings.longest_s)

    async def send_with_cookie(message: Message) -> None:
        # A route that sets or removes the cookie itself, as logging out does, knows better.
        if message["type"] == "http.response.start" and not _sets_session(message):
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return send_with_cookie


def _sets_session(message: Message) -> bool:
    prefix = f"{COOKIE}=".encode()
    return any(name == b"set-cookie" and value.startswith(prefix) for name, value in message["headers"])
