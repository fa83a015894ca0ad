"""Drafts of plans: kept, kept anew, listed by territory, thrown away."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from geo.errors import InputError
from geo.store.drafts import delete_draft, draft, drafts, save_draft
from geo.store.engine import Store

NOW, LATER = datetime(2026, 5, 1, 8, tzinfo=UTC), datetime(2026, 5, 2, 8, tzinfo=UTC)
DAY = date(2026, 5, 1)
PLAN = {"rows": [{"target_code": "990101101201001", "holder_code": "C1"}], "status": "optimal", "bound": 1.5}


def _kept(store: Store, name: str, *, township: str = "", now: datetime = NOW) -> str:
    with store.write() as session:
        stated = {"user": "li.hua", "as_of": DAY, "document": PLAN, "township": township, "now": now}
        return save_draft(session, name=name, **stated)


def test_a_draft_comes_back_as_it_was_kept(store: Store) -> None:
    code = _kept(store, "五月补缺", township="990101101")
    with store.read() as session:
        assert draft(session, code) == PLAN
        row = drafts(session).iloc[0]
    assert (row["code"], row["name"], row["user"], row["township"]) == (
        code,
        "五月补缺",
        "li.hua",
        "990101101",
    )
    assert (row["as_of"], row["at"].to_pydatetime(), row["version"]) == (DAY, NOW, 1)


def test_the_latest_come_first_and_a_township_sees_its_own(store: Store) -> None:
    county = _kept(store, "全县")
    east = _kept(store, "东镇", township="990101101", now=LATER)
    with store.read() as session:
        assert drafts(session)["code"].tolist() == [east, county]
        assert drafts(session, within=("990101101",))["code"].tolist() == [east]
        assert drafts(session, code=county)["name"].tolist() == ["全县"]
        assert drafts(session, code=county, within=("990101101",)).empty
        assert drafts(session, within=()).empty


def test_a_draft_that_is_thrown_away_is_gone(store: Store) -> None:
    code = _kept(store, "全县")
    with store.write() as session:
        delete_draft(session, code)
    with store.read() as session:
        assert drafts(session).empty
        with pytest.raises(InputError, match=code):
            draft(session, code)
    with pytest.raises(InputError, match=code), store.write() as session:
        delete_draft(session, code)
