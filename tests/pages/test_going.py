"""What an address names is opened once on each visit of a page."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from pages.ui.going import newly_named, note_page

    note_page(st.session_state["page"])
    st.session_state["opened"] = newly_named("case")


def opened(app: AppTest, page: str, **parameters: str) -> str:
    """What a run of a page opens by name."""
    app.session_state["page"] = page
    app.query_params.clear()
    app.query_params.update(parameters)
    app.run()
    assert not app.exception
    return str(app.session_state["opened"])


def test_a_case_is_opened_once_on_a_visit_and_again_on_the_next_one() -> None:
    app = AppTest.from_function(_page)
    assert opened(app, "rectify", case="X") == "X"
    assert opened(app, "rectify", case="X") == ""  # as when Y was chosen, or X was closed
    assert opened(app, "profile", village="V") == ""
    assert opened(app, "rectify", case="X") == "X"
    assert opened(app, "rectify", case="Y") == "Y"


def test_a_page_without_a_name_opens_nothing() -> None:
    app = AppTest.from_function(_page)
    assert opened(app, "rectify") == ""
    assert opened(app, "rectify", case="X") == "X"
