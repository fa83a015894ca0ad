"""What the environment decides, one small class per concern; every variable starts with ``MINQING_``.

Nothing here reads the environment at import: call ``from_environment()`` where the program starts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class PlaceSettings:
    """Where this installation keeps its files.

    Attributes
    ----------
    home : Path
        ``MINQING_HOME``, else the project's root; always absolute.
    store : str or None
        ``MINQING_STORE``, an address of a store; None means the file ``var/county.gpkg`` under ``home``.
    """

    home: Path
    store: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> PlaceSettings:
        """Read the two variables; unset or empty ones take their defaults."""
        values = os.environ if environment is None else environment
        home = Path(values.get("MINQING_HOME") or PROJECT_ROOT)
        return cls(home=home.expanduser().resolve(), store=values.get("MINQING_STORE") or None)

    @property
    def default_file(self) -> Path:
        """The GeoPackage used when no address is given."""
        return self.home / "var" / "county.gpkg"


@dataclass(frozen=True)
class ActingSettings:
    """Who acts on the command line.

    Attributes
    ----------
    user : str or None
        ``MINQING_USER``, the account; None when it is not set.
    """

    user: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> ActingSettings:
        """Read the variable; an empty one counts as unset."""
        values = os.environ if environment is None else environment
        return cls(user=values.get("MINQING_USER") or None)
