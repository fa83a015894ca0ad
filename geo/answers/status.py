"""What a store holds."""

from __future__ import annotations

from typing import Any

from geo.store.engine import REVISION, Store
from geo.store.facts import counts, county_code
from geo.store.versions import data_version


def status(store: Store) -> dict[str, Any]:
    """The document of ``minqing status``: ``store, schema, county, counts, data_version``."""
    with store.read() as session:
        return {
            "store": store.url,
            "schema": REVISION,
            "county": county_code(session),
            "counts": counts(session),
            "data_version": data_version(session),
        }
