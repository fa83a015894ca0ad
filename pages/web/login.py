"""Signing in, signing out and changing the password: plain pages of our own, before and beside Streamlit."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from geo.access import Actor, require_own
from geo.errors import AppError, InputError, PermissionError_
from geo.i18n import _
from geo.operations.accounts import authenticate, set_password
from geo.store.queries import get_setting
from geo.store.rows import the_county
from pages.web.addresses import client_address, is_secure, local_path
from pages.web.bundle import prefetched_urls, streamlit_bundle
from pages.web.errors import status_of
from pages.web.forms import form_fields
from pages.web.paper import html_page
from pages.web.samples import SampleAccount, sample_accounts
from pages.web.session import COOKIE, session_cookie
from pages.web.state import the_sessions, the_settings, the_store, the_throttle
from pages.web.viewing import note_stop

_USER_LENGTH = 60
# argon2 is slow and hungry on purpose: guesses may not take the machine.
_password_checks = CapacityLimiter(2)


async def login(request: Request) -> Response:
    """Route ``/login``: the form, and what it sends."""
    if request.method == "POST":
        return await _sign_in(request)
    wanted = local_path(request.query_params.get("next"))
    ticket = the_sessions().open(request.cookies.get(COOKIE))
    if ticket is not None:
        try:
            await run_in_threadpool(the_sessions().actor, ticket)
        except PermissionError_:
            return await _login_page(wanted=wanted)
        return RedirectResponse(wanted, 303)
    return await _login_page(wanted=wanted)


async def _sign_in(request: Request) -> Response:
    form = await form_fields(request)
    user, wanted = form.get("user", "").strip()[:_USER_LENGTH], local_path(form.get("next"))
    address = client_address(request, the_settings())
    wait_s = the_throttle().attempt(user, address)
    if wait_s > 0:
        return await _too_often(user, wanted, wait_s)
    try:
        actor = await _authenticated(user, form.get("password", ""))
    except PermissionError_ as refusal:
        return await _login_page(wanted=wanted, user=user, error=refusal, status=403)
    the_throttle().succeed(user, address)
    return await _start_session(request, actor, RedirectResponse(wanted, 303))


async def _authenticated(user: str, password: str) -> Actor:
    return await to_thread.run_sync(authenticate, the_store(), user, password, limiter=_password_checks)


async def _start_session(request: Request, actor: Actor, response: Response) -> Response:
    sessions, settings = the_sessions(), the_settings()
    ticket = await run_in_threadpool(sessions.issue, actor.user)
    cookie = session_cookie(
        sessions.seal(ticket), secure=is_secure(request, settings), max_age_s=settings.longest_s
    )
    response.headers.append("set-cookie", cookie)
    return response


async def _too_often(user: str, wanted: str, wait_s: float) -> Response:
    seconds = math.ceil(wait_s)
    refusal = PermissionError_(
        _("密码输错次数过多，请等待 {seconds} 秒后再试。").format(seconds=seconds),
        hint=_("如忘记密码，请联系县委组织部重置。"),
    )
    response = await _login_page(wanted=wanted, user=user, error=refusal, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


async def _login_page(
    *, wanted: str, user: str = "", error: AppError | None = None, status: int = 200
) -> Response:
    facts = await run_in_threadpool(_store_facts)
    ahead = {"prefetched": prefetched_urls(), "fonts": streamlit_bundle().fonts}
    return html_page("login.html", status=status, wanted=wanted, user=user, error=error, **ahead, **facts)


def _store_facts() -> dict[str, str | tuple[SampleAccount, ...]]:
    with the_store().read() as session:
        county = the_county(session)
        name = county.name if county else ""
        sample = get_setting(session, "sample") == "yes"
    return {"county": name, "samples": sample_accounts() if sample else ()}


async def logout(request: Request) -> Response:
    """Route ``/logout``: asks on GET, ends the session on POST, for every copy of its cookie."""
    if request.method != "POST":
        return html_page("logout.html", user=request.state.actor.user)
    if request.state.actor.viewer:
        await run_in_threadpool(note_stop, request.state.actor)
    await run_in_threadpool(the_sessions().end, request.state.ticket)
    response = RedirectResponse("/login", 303)
    response.headers.append(
        "set-cookie", session_cookie("", secure=is_secure(request, the_settings()), max_age_s=0)
    )
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


async def password(request: Request) -> Response:
    """Route ``/password``: one's own new password; every other session of the account ends."""
    require_own(request.state.actor)
    if request.method != "POST":
        return _password_page(request)
    actor, form = request.state.actor, await form_fields(request)
    address = client_address(request, the_settings())
    wait_s = the_throttle().attempt(actor.user, address)
    try:
        _require_change(form, wait_s)
        await _authenticated(actor.user, form.get("old", ""))
        the_throttle().succeed(actor.user, address)
        await run_in_threadpool(_change_password, actor, form["new"])
    except AppError as refusal:
        return _password_page(request, error=refusal)
    return await _start_session(request, actor, _password_page(request, changed=True))


def _require_change(form: dict[str, str], wait_s: float) -> None:
    if wait_s > 0:
        raise PermissionError_(
            _("密码输错次数过多，请等待 {seconds} 秒后再试。").format(seconds=math.ceil(wait_s))
        )
    if form.get("new", "") != form.get("again", ""):
        raise InputError(_("两次输入的新密码不一致。"))
    if form.get("new", "") == form.get("old", ""):
        raise InputError(_("新密码不能与原密码相同。"))


def _change_password(actor: Actor, new: str) -> None:
    set_password(the_store(), actor, user=actor.user, password=new, now=datetime.now(UTC))


def _password_page(request: Request, *, error: AppError | None = None, changed: bool = False) -> Response:
    status = status_of(error) if error else 200
    actor = request.state.actor
    facts = {"user": actor.user, "changed": changed, "is_first": actor.must_change}
    return html_page("password.html", status=status, error=error, **facts)
