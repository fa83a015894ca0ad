"""Requests on the tiny county of `tests.answers_store`, and their submission."""

from __future__ import annotations

from datetime import UTC, date, datetime

from geo.operations.journal import submit
from geo.operations.requests import Assignment, AssignRequest, EndRequest
from tests.answers_store import COORDINATOR

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
TODAY = date(2026, 5, 1)
MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)


def assign(targets, holder, *, kind="grid_officer", since=MAY, rank="primary", until=None, reason="到岗"):
    """A request that one holder is to hold one or more targets."""
    codes = [targets] if isinstance(targets, str) else targets
    return AssignRequest(tuple(Assignment(kind, holder, code, since, rank, until) for code in codes), reason)


def end(targets, *, kind="grid_officer", on=MAY, holder=None, reason="离岗"):
    """A request that ends what is in force."""
    codes = (targets,) if isinstance(targets, str) else tuple(targets)
    return EndRequest(kind, codes, on, reason, holder)


def put(store, request, *, actor=COORDINATOR, now=NOW, today=TODAY, **given):
    """Submit a request."""
    return submit(store, actor, request, now=now, today=today, **given)
