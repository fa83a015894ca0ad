"""Looking at the system as another account: for the department, read only, noted in the audit."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from geo.access import Actor
from geo.operations.accounts import actor_named, start_viewing, stop_viewing
from pages.web.addresses import is_secure
from pages.web.forms import form_fields
from pages.web.session import Ticket, session_cookie
from pages.web.state import the_sessions, the_settings, the_store


async def view_as(request: Request) -> Response:
    """Route ``/view-as``: the session goes on as the account named ``user``; a mere link does nothing."""
    if request.method != "POST":
        return RedirectResponse("/", 303)
    wanted = (await form_fields(request)).get("user", "")
    actor: Actor = request.state.actor
    await run_in_threadpool(start_viewing, the_store(), actor, user=wanted, now=datetime.now(UTC))
    return await _going_on(request, wanted)


async def stop_view_as(request: Request) -> Response:
    """Route ``/view-as/stop``: the session goes on as the account that signed in."""
    actor: Actor = request.state.actor
    if not actor.viewer or request.method != "POST":
        return RedirectResponse("/", 303)
    await run_in_threadpool(note_stop, actor)
    return await _going_on(request, "")


def note_stop(actor: Actor) -> None:
    """Write into the audit that the department stops looking as somebody else."""
    own = actor_named(the_store(), actor.viewer)
    stop_viewing(the_store(), own, user=actor.user, now=datetime.now(UTC))


async def _going_on(request: Request, viewing: str) -> Response:
    settings, ticket = the_settings(), request.state.ticket
    going_on: Ticket = await run_in_threadpool(the_sessions().looking_as, ticket, viewing)
    response = RedirectResponse("/", 303)
    cookie = session_cookie(
        the_sessions().seal(going_on), secure=is_secure(request, settings), max_age_s=settings.longest_s
    )
    response.headers.append("set-cookie", cookie)
    return response
