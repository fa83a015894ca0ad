"""The application's server with the drawing page of these tests in place of its own pages."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from streamlit import config as streamlit_config
from streamlit.starlette import App

from geo.errors import AppError
from pages.web.errors import answer_app_error, show_script_error
from pages.web.gate import Gate
from pages.web.routes import own_routes
from pages.web.shell import Shell
from pages.web.state import the_sessions, the_settings

ROOT = Path(__file__).resolve().parents[2]
streamlit_config._main_script_path = str(ROOT / "app.py")

app = App(
    Path(__file__).with_name("editing_page.py"),
    routes=own_routes(ROOT),
    middleware=[Middleware(Gate, sessions=the_sessions, settings=the_settings), Middleware(Shell)],
    exception_handlers={AppError: answer_app_error},
    on_script_error=show_script_error,
)
