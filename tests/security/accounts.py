"""Accounts for the security tests."""

from __future__ import annotations

from datetime import UTC, datetime

from geo.access import SYSTEM
from geo.operations.accounts import create_account
from geo.store.engine import Store
from geo.vocabulary import Role

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
PASSWORD = "a long enough password"


def add_account(store: Store, user: str, role: Role, scopes: list[str]) -> None:
    """One more account, with the password all of them have."""
    create_account(store, SYSTEM, user=user, role=role, scopes=scopes, password=PASSWORD, now=NOW)
