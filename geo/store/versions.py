"""Numbers that grow whenever a layer of a township is written; caches are keyed by them (design §3).

Operations `bump` what they wrote; triggers count edits of places too, so that QGIS's are noticed.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geo.store.models import DataVersion

_BUMP = text(
    "INSERT INTO data_version (layer, township_code, version) VALUES (:layer, :township, 1) "
    "ON CONFLICT (layer, township_code) DO UPDATE SET version = data_version.version + 1"
)


def bump(session: Session, layer: str, township_codes: Collection[str]) -> None:
    """Say that a layer was changed in these townships; ``""`` stands for what lies in none."""
    # Sorted, so that two writers never wait for each other.
    if rows := [{"layer": layer, "township": code} for code in sorted(set(township_codes))]:
        session.execute(_BUMP, rows)


def layer_versions(session: Session, layers: Collection[str]) -> dict[tuple[str, str], int]:
    """Version by layer and township; what was never written is absent."""
    rows = session.execute(
        select(DataVersion.layer, DataVersion.township_code, DataVersion.version).where(
            DataVersion.layer.in_(list(layers))
        )
    )
    return {(layer, township): version for layer, township, version in rows}


def data_version(session: Session) -> int:
    """One number that grows with every write to any layer; 0 for a store never written to."""
    return session.scalar(select(func.coalesce(func.sum(DataVersion.version), 0))) or 0
