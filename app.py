"""The application: one ASGI process with Streamlit's pages, tiles, libraries, sign-in and health.

Run it by ``minqing serve``, ``python app.py`` or ``uvicorn --no-proxy-headers app:app``; one worker, because
pages live in its memory.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread

import uvicorn
from starlette.middleware import Middleware
from streamlit import config as streamlit_config
from streamlit.starlette import App

from geo.errors import AppError
from pages.web.errors import answer_app_error, answer_unexpected, show_script_error
from pages.web.gate import Gate
from pages.web.routes import own_routes, warm_tiles
from pages.web.shell import Shell
from pages.web.state import the_sessions, the_settings, the_store

ROOT = Path(__file__).resolve().parent


@asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[None]:
    """Keep visitors out of the log, warm the caches beside the first requests, close the store at the end."""
    # Only here: uvicorn sets its loggers up before this or after the import, depending on how it was started.
    # Addresses of visitors and the places they click are nobody's business but theirs.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("uvicorn.error").addFilter(lambda record: '"WebSocket' not in str(record.msg))
    Thread(target=_warm, name="warm", daemon=True).start()
    yield
    the_store().close()


def _warm() -> None:
    # Imported late: Streamlit's caches want its runtime to be there first.
    from pages.ui.cached import warm

    warm_tiles()
    warm(the_store())


def make_app() -> App:
    """The application over the process's store; ends the process with one sentence when there is none."""
    try:
        the_sessions()
    except AppError as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201 - before any server or page exists
        raise SystemExit(refusal.exit_code) from None
    # Streamlit looks for .streamlit/config.toml beside this file, whatever the working directory is.
    streamlit_config._main_script_path = str(ROOT / "app.py")
    return App(
        ROOT / "pages" / "router.py",
        routes=own_routes(ROOT),
        middleware=[Middleware(Gate, sessions=the_sessions, settings=the_settings), Middleware(Shell)],
        exception_handlers={AppError: answer_app_error, Exception: answer_unexpected},
        on_script_error=show_script_error,
        lifespan=lifespan,
    )


app = make_app()

if __name__ == "__main__":
    settings = the_settings()
    uvicorn.run(
        app,
        host=settings.address,
        port=settings.port,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # what they say is believed by our own setting alone, `WebSettings.trust_proxy`
    )
