"""Browser libraries and our own few files under ``/assets``: named packages only, kept by the browser."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from layers.offline import OWN_FILES

PACKAGES = frozenset({"@geoman-io", "leaflet", "leaflet.vectorgrid"})
"""What our maps load (`layers.offline`); whatever else is installed stays unserved."""
SUFFIXES = frozenset(
    {".js", ".mjs", ".css", ".png", ".svg", ".gif", ".woff", ".woff2", ".ttf", ".webp", ".ico"}
)
_DAY_S = 86_400


class Assets(StaticFiles):
    """Static files, restricted to files a browser needs and marked to be kept.

    Parameters
    ----------
    directory : Path
    packages : frozenset of str or None
        First parts of the path that are served; None serves all of them.
    max_age_s : int
        How long a browser may keep a file without asking again.
    """

    def __init__(self, directory: Path, *, packages: frozenset[str] | None, max_age_s: int) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._packages, self._max_age_s = packages, max_age_s

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at a path; 404 for what is not on the list, whether it exists or not."""
        parts = Path(path).parts
        listed = self._packages is None or (bool(parts) and parts[0] in self._packages)
        if not listed or ".." in parts or Path(path).suffix not in SUFFIXES:
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = f"public, max-age={self._max_age_s}"
        return response


def library_files(root: Path) -> Assets:
    """The installed browser libraries; their files change only with a new version of the program."""
    return Assets(root / "assets" / "node_modules", packages=PACKAGES, max_age_s=30 * _DAY_S)


def own_files() -> Assets:
    """The stylesheet, pictures and script of our own pages; revalidated, as they carry no version."""
    return Assets(Path(__file__).parent / "static", packages=None, max_age_s=300)


def map_files() -> Assets:
    """The map's own script and style; their addresses change with their content, so they may be kept."""
    return Assets(OWN_FILES, packages=None, max_age_s=30 * _DAY_S)
