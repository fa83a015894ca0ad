"""What crafted attempts are made of, and what a refusal must be like."""

from __future__ import annotations

import pytest
from shapely.geometry import mapping

from geo.errors import AppError
from geo.operations.journal import preview, submit
from geo.operations.requests import (
    Assignment,
    AssignRequest,
    CellRequest,
)
from tests.security.matrix_county import (
    NOW,
    OTHER,
    TODAY,
    actor_of,
    fingerprint,
    leaked,
    said,
)

DEPARTMENT, COORDINATOR = actor_of("department"), actor_of("coordinator")
LOOKING = actor_of("coordinator", viewer="department")
STRANGE = {
    "empty": "",
    "county prefix": "99",
    "short": "9901011",
    "wildcard": "990101101%",
    "underscores": "990101101___001",
    "other digits": "٩٩٠١٠١١٠١٠٠١٠٠١",
    "wide digits": "９９０１０１１０１００１００１",
    "very long": "990101101" * 500,
    "null": "990101101001\x00001",
    "quote": "990101101001'; DROP TABLE audit; --",
    "newline": "990101101001001\n",
}


def put(store, request, actor=COORDINATOR, **more):
    return submit(store, actor, request, now=NOW, today=TODAY, **{"confirmed": True, **more})


def refused(store, request, actor=COORDINATOR, *, error=AppError, given=()):
    """The refusal of a request, by preview and by submitting it; nothing is written or told."""
    before = fingerprint(store.path)
    looked = shown(store, request, actor, error)
    with pytest.raises(error) as caught:
        put(store, request, actor)
    assert fingerprint(store.path) == before
    for told in (looked, caught.value):
        assert leaked(said(told), [OTHER], given=given) == []
    return caught.value


def shown(store, request, actor, error):
    """The refusal of a preview, or the preview that says what is wrong with the drawing."""
    try:
        found = preview(store, actor, request, today=TODAY)
    except error as refusal:
        return refusal
    assert found.faults
    return found


def assigning(*targets, holder="o-free", kind="grid_officer"):
    return AssignRequest(tuple(Assignment(kind, holder, target, TODAY) for target in targets), "到岗")


def drawn(kind, village, shape=None, *, codes=(), parts=(), **more):
    geometry = None if shape is None else mapping(shape)
    return CellRequest(
        kind, village, TODAY, "调整", codes=codes, geometry=geometry, parts=tuple(map(mapping, parts)), **more
    )
