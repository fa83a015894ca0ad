"""The boundary around a page and around each part that reruns by itself."""

from __future__ import annotations

from collections.abc import Callable

from pages.web.errors import show_script_error


def guarded(render: Callable[[], None]) -> None:
    """Run a page or a part of one; whatever goes wrong becomes a sentence in its place, never a traceback."""
    try:
        render()
    except Exception as error:  # this is the boundary: below it nothing may be swallowed
        show_script_error(error)
