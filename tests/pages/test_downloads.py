"""Files to take away are made when their button is pressed, of what holds then."""

from __future__ import annotations

import importlib
from datetime import date

import pandas as pd
import pytest
from sqlalchemy import update

from geo.i18n import current_language, set_language
from geo.store.engine import Store
from geo.store.models import Village
from geo.store.versions import bump
from pages.ui.downloads import offer_table
from tests.analysis_frames import TOWNSHIP, A
from tests.answers_store import DEPARTMENT
from tests.pages.conftest import Files, RunPage


@pytest.mark.parametrize(
    ("page", "column"), [("villages_page", "村名"), ("goals_page", "村"), ("priority_page", "村")]
)
def test_a_table_holds_what_was_changed_since_the_page_was_drawn(
    run_page: RunPage,
    place: Store,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    column: str,
) -> None:
    monkeypatch.setattr(importlib.import_module(f"pages.{page}"), "current_actor", lambda: DEPARTMENT)
    run_page(page, place, DEPARTMENT)
    before = files.table()
    with place.write() as session:
        session.execute(update(Village).where(Village.code == A).values(name="新桥村"))
        bump(session, "villages", [TOWNSHIP])
    after = files.table()
    assert "新桥村" not in before[column].tolist()
    assert "新桥村" in after[column].tolist()
    assert len(after) == len(before)


def test_a_file_speaks_the_language_of_the_page_that_offered_it(files: Files) -> None:
    set_language("en")
    offer_table(lambda: pd.DataFrame({current_language(): ["1"]}), "villages", date(2026, 5, 1))
    set_language("zh")  # as where files are made
    text = files.press("Download CSV").decode("utf-8-sig")
    set_language("zh")
    assert text.splitlines()[0] == "Data as of,en"
