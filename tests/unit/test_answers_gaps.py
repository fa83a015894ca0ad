"""Gaps as accounts see them: read from the store, kept, brought up to date, compared and counted."""

import json
import threading
from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

import geo.answers.gap_book as book
from geo.analysis.gaps.engine import find_gaps
from geo.analysis.gaps.severity import SEVERITY_COLUMNS, scored
from geo.answers.evidence import read_evidence
from geo.answers.gap_book import gaps_on
from geo.answers.gap_rows import NAME_COLUMNS, gaps_in
from geo.answers.gaps import gap_changes, gap_diff, gap_features, gap_series, gap_table, gaps
from geo.crs import STORED_CRS
from geo.errors import InputError, PermissionError_
from geo.i18n import set_language
from geo.operations.designate import designate_village
from geo.operations.rules_now import rules_on
from geo.operations.thresholds import set_threshold
from geo.store.bulk import update_frame
from geo.store.engine import create_store, open_store
from geo.store.models import GridCell
from geo.vocabulary import VillageLabel, WeakCause
from tests.analysis_frames import A1, A2, B1, START, TOWNSHIP, A, B, square
from tests.answers_store import (
    COORDINATOR,
    DAY,
    DEPARTMENT,
    ELSEWHERE,
    LEADER,
    RECORDED,
    RESIDENT_OF_A,
    fill,
)
from tests.journal import assign, end, put

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
def own_store(tmp_path):
    """The tiny county in a GeoPackage of the test's own."""
    store = fill(create_store(str(tmp_path / "county.gpkg")))
    yield store
    store.close()


def fresh(store, as_of=DAY, known_at=None):
    """All gaps, read and found without the book."""
    with store.read() as session:
        evidence = read_evidence(session, as_of=as_of, known_at=known_at)
        rules = rules_on(session, as_of, known_at=known_at)
    return scored(find_gaps(evidence, rules), evidence, rules)


def keys(table):
    return set(zip(table["kind"], table["target_code"], table["aspect"], strict=True))


def kinds_of(table):
    return set(table["kind"])


def test_a_table_has_everything_a_page_shows(tiny_store):
    table = gap_table(tiny_store, DEPARTMENT, as_of=DAY)
    assert {*SEVERITY_COLUMNS, *NAME_COLUMNS, "why", "since", "geometry"} <= set(table.columns)
    assert keys(table) == keys(fresh(tiny_store))
    row = table[table["kind"] == "cell_unowned"].iloc[0]
    assert (row["target_code"], row["village_name"], row["township_name"]) == (B1, "乙村", "安和镇")
    assert (row["who_name"], row["label"]) == ("安和镇网格协调员", "空白网格")
    assert table["score"].is_monotonic_decreasing
    assert "县委组织部" in set(table["who_name"])


def test_households_without_the_right_are_counted_by_cell(tiny_store):
    table = gap_table(tiny_store, LEADER, as_of=DAY)
    assert "household" not in set(table["target_kind"])
    unpaired = table[table["kind"] == "household_unpaired"].set_index("target_code")
    single = gap_table(tiny_store, DEPARTMENT, as_of=DAY, kinds=["household_unpaired"])
    assert int(unpaired["value"].sum()) == len(single) > 1
    assert unpaired["households"].tolist() == unpaired["value"].tolist()
    assert unpaired.loc[B, "target_kind"] == "village"  # h4 is in no cell
    text = json.dumps(gaps(tiny_store, LEADER, as_of=DAY), ensure_ascii=False)
    assert not any(f'"{code}"' in text or f" {code} " in text for code in ("h1", "h2", "h3", "h4"))
    assert "张三丰" not in text


def test_whatever_is_listed_by_cell_is_counted_by_household(own_store):
    """Households in no group too: they are breaks of the chain, and no gaps of households by name."""
    with own_store.write() as session:
        connection = session.connection().connection.driver_connection
        connection.execute("UPDATE household SET group_code = NULL")
        connection.execute("UPDATE household SET cell_code = ? WHERE village_code = ?", [A1, A])
    single = gap_table(own_store, DEPARTMENT, as_of=DAY)
    seen = gap_table(own_store, LEADER, as_of=DAY)
    assert (single["target_kind"] == "household").sum() > len(seen[seen["unit"] == "households"])
    counted = gaps_in(seen).groupby(seen["kind"]).sum()
    assert counted.to_dict() == single["kind"].value_counts().to_dict()
    assert gap_diff(own_store, LEADER, DAY, DAY)["stayed"] == len(single)


def test_a_territory_shows_its_own_gaps(tiny_store):
    everything = gap_table(tiny_store, COORDINATOR, as_of=DAY)
    assert kinds_of(everything) == kinds_of(gap_table(tiny_store, DEPARTMENT, as_of=DAY))
    of_a = gap_table(tiny_store, RESIDENT_OF_A, as_of=DAY)
    assert set(of_a["village_code"]) == {A}
    assert gap_table(tiny_store, ELSEWHERE, as_of=DAY).empty
    assert keys(gap_table(tiny_store, DEPARTMENT, as_of=DAY, within=A)) == keys(of_a)
    with pytest.raises(PermissionError_):
        gap_table(tiny_store, RESIDENT_OF_A, as_of=DAY, within=B)
    with pytest.raises(PermissionError_):
        gap_diff(tiny_store, ELSEWHERE, START, DAY, within=TOWNSHIP)
    with pytest.raises(PermissionError_):
        gap_series(tiny_store, ELSEWHERE, start=START, end=DAY, within=TOWNSHIP)


def test_an_overlap_names_no_cell_out_of_sight(own_store):
    wide = gpd.GeoDataFrame(
        {"code": [A2, B1], "name": [None, "密格"]},
        geometry=[square(1, 0, 2.2, 1), square(2, 0, 3, 1)],
        crs=STORED_CRS,
    )
    with own_store.write() as session:
        update_frame(session, GridCell, wide)
    for actor, aspect in ((DEPARTMENT, B1), (RESIDENT_OF_A, B)):
        table = gap_table(own_store, actor, as_of=DAY, kinds=["cell_overlap"])
        assert table[["target_code", "aspect"]].to_numpy().tolist() == [[A2, aspect]]
        why = table["why"].iloc[0]
        assert f"{aspect}（" in why
        assert (B1 in why) is ("密格" in why) is (actor is DEPARTMENT)


def test_an_unknown_kind_is_said(tiny_store):
    with pytest.raises(InputError, match="frob"):
        gap_table(tiny_store, DEPARTMENT, as_of=DAY, kinds=["frob"])


def test_the_document_is_json_with_the_keys_of_the_design(tiny_store):
    document = gaps(tiny_store, DEPARTMENT, as_of=DAY)
    json.dumps(document, allow_nan=False)
    assert document["as_of"] == "2026-05-01"
    assert document["known_at"] is None
    wanted = {"kind", "target_kind", "target_code", "village_code", "township_code", "value", "threshold"}
    wanted |= {"unit", "source", "who", "since", "why", "lon", "lat", "aspect", "score", "who_code"}
    assert all(wanted <= set(row) for row in document["gaps"])
    assert all(row["source"] and row["who"] and row["why"] for row in document["gaps"])
    unlocated = next(row for row in document["gaps"] if row["kind"] == "household_unlocated")
    assert unlocated["lon"] is None
    located = next(row for row in document["gaps"] if row["kind"] == "cell_unowned")
    assert 117.02 < located["lon"] < 117.03


def test_nothing_to_show_is_an_empty_document(tiny_store):
    assert gaps(tiny_store, ELSEWHERE, as_of=DAY)["gaps"] == []
    assert gap_features(gap_table(tiny_store, ELSEWHERE, as_of=DAY))["features"] == []


def test_features_have_rings_in_order_and_null_places(tiny_store):
    import shapely

    features = gap_features(gap_table(tiny_store, DEPARTMENT, as_of=DAY))["features"]
    shapes = [feature["geometry"] for feature in features]
    assert None in shapes
    polygons = [shapely.geometry.shape(shape) for shape in shapes if shape and "Polygon" in shape["type"]]
    assert polygons
    for shape in polygons:
        for part in shapely.get_parts(shape):
            assert shapely.is_ccw(part.exterior)


def test_the_book_gives_what_a_fresh_look_gives(tiny_store):
    assert_geodataframe_equal(gaps_on(tiny_store, as_of=DAY).gaps, fresh(tiny_store))
    for day in (START - timedelta(days=1), START, date(2026, 3, 1), DAY):
        assert_geodataframe_equal(gaps_on(tiny_store, as_of=day).gaps, fresh(tiny_store, day))
    known = RECORDED - timedelta(days=1)
    unknown = gaps_on(tiny_store, as_of=DAY, known_at=known).gaps
    assert_geodataframe_equal(unknown, fresh(tiny_store, DAY, known))
    assert {A1, B1} <= set(unknown.loc[unknown["kind"] == "cell_unowned", "target_code"])


def test_the_book_looks_once(tiny_store, monkeypatch):
    first = gaps_on(tiny_store, as_of=DAY)
    monkeypatch.setattr(book, "find_gaps", None)
    monkeypatch.setattr(book, "updated_gaps", None)
    assert gaps_on(tiny_store, as_of=DAY) is first


def test_days_share_the_frames_that_are_the_same(own_store):
    one, other = gaps_on(own_store, as_of=DAY), gaps_on(own_store, as_of=DAY - timedelta(days=1))
    assert one.evidence.records is other.evidence.records
    assert one.evidence.households is other.evidence.households


def test_the_book_keeps_few_days(own_store):
    for back in range(10):
        gaps_on(own_store, as_of=DAY - timedelta(days=back))
    assert len(book._book_of(own_store)._states) == book._STATES_KEPT


def test_a_change_of_ownership_shows_at_once(own_store):
    assert B1 in set(gap_table(own_store, DEPARTMENT, as_of=DAY, kinds=["cell_unowned"])["target_code"])
    put(own_store, assign(B1, "c4"))
    after = gaps_on(own_store, as_of=DAY)
    assert B1 not in set(after.gaps.loc[after.gaps["kind"] == "cell_unowned", "target_code"])
    assert_geodataframe_equal(after.gaps, fresh(own_store))
    put(own_store, end(A1), confirmed=True)
    assert_geodataframe_equal(gaps_on(own_store, as_of=DAY).gaps, fresh(own_store))


def test_a_change_outside_every_township_shows_too(own_store):
    gaps_on(own_store, as_of=DAY)
    put(own_store, end("ar1", kind="department"), actor=DEPARTMENT, confirmed=True)
    after = gaps_on(own_store, as_of=DAY).gaps
    assert ("chain_broken", "ar1", "department") in keys(after)
    assert_geodataframe_equal(after, fresh(own_store))


def test_a_mentor_who_was_named_shows_at_once(own_store):
    """What is held over people lies in no township, whichever township counts the change."""
    gaps_on(own_store, as_of=DAY)
    put(own_store, assign("c3", "c1", kind="mentor"), actor=DEPARTMENT)
    with own_store.read() as session:
        records = read_evidence(session, as_of=DAY).records
    assert "mentor" in set(records["kind"])
    assert_frame_equal(gaps_on(own_store, as_of=DAY).evidence.records, records)


def test_a_designation_shows_at_once(own_store):
    before = gaps_on(own_store, as_of=DAY).gaps
    designate_village(
        own_store,
        DEPARTMENT,
        village_code=B,
        label=VillageLabel.WEAK,
        cause=WeakCause.PETITIONS,
        valid_from=DAY,
        reason="信访多",
        now=NOW,
    )
    after = gaps_on(own_store, as_of=DAY).gaps
    assert_geodataframe_equal(after, fresh(own_store))
    assert after["why"].tolist() != before["why"].tolist()  # B was only poor


def test_a_threshold_shows_at_once(own_store):
    before = gaps_on(own_store, as_of=DAY).gaps
    set_threshold(
        own_store, DEPARTMENT, "pairing_hardship_only", 1, valid_from=DAY, reason="先保困难户", now=NOW
    )
    after = gaps_on(own_store, as_of=DAY).gaps
    assert "household_unpaired" in kinds_of(before)
    assert "household_unpaired" not in kinds_of(after)
    assert_geodataframe_equal(after, fresh(own_store))


def test_an_edit_outside_the_application_shows_at_once(own_store):
    """QGIS writes the tables itself; triggers count it."""
    gaps_on(own_store, as_of=DAY)
    other = open_store(str(own_store.path))
    with other.write() as session:
        connection = session.connection().connection.driver_connection
        connection.execute("UPDATE household SET geom = NULL WHERE code = 'h1'")
    other.close()
    after = gaps_on(own_store, as_of=DAY).gaps
    assert ("household_unlocated", "h1", "") in keys(after)
    assert_geodataframe_equal(after, fresh(own_store))


def test_texts_are_in_the_language_of_who_asks(own_store):
    chinese = gaps_on(own_store, as_of=DAY)
    set_language("en")
    try:
        english = gaps_on(own_store, as_of=DAY)
    finally:
        set_language("zh")
    assert english is not chinese
    assert gaps_on(own_store, as_of=DAY) is chinese
    assert keys(english.gaps) == keys(chinese.gaps)


def test_one_works_and_the_others_wait(own_store, monkeypatch):
    looked, real = [], book.find_gaps

    def slowly(*given):
        looked.append(threading.get_ident())
        return real(*given)

    monkeypatch.setattr(book, "find_gaps", slowly)
    found = []
    threads = [threading.Thread(target=lambda: found.append(gaps_on(own_store, as_of=DAY))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked) == 1
    assert all(each is found[0] for each in found)


def test_progress_is_told_in_words(own_store):
    told = []
    gaps_on(own_store, as_of=DAY, progress=lambda done, text: told.append((done, text)))
    assert [text for _done, text in told][:2] == ["读取数据…", "检查规则…"]
    assert told[-1][0] == 1
    assert [done for done, _text in told] == sorted(done for done, _text in told)


def test_what_changed_between_two_days(tiny_store):
    before = START - timedelta(days=1)
    changes = gap_changes(tiny_store, DEPARTMENT, before, DAY)
    then, now = keys(fresh(tiny_store, before)), keys(fresh(tiny_store))
    for state, expected in (("opened", now - then), ("closed", then - now), ("stayed", then & now)):
        assert keys(changes[changes["state"] == state]) == expected, state
    document = gap_diff(tiny_store, DEPARTMENT, before, DAY)
    json.dumps(document, allow_nan=False)
    assert (document["from"], document["to"]) == ("2025-12-31", "2026-05-01")
    assert len(document["opened"]) == len(now - then)
    assert document["stayed"] == len(then & now)
    owned = next(row for row in document["ratios"] if row["name"] == "cells_owned")
    assert (owned["before"], owned["after"]) == (0, pytest.approx(2 / 3))
    assert owned["change"] == pytest.approx(2 / 3)


def test_between_a_day_and_itself_nothing_changed(tiny_store):
    document = gap_diff(tiny_store, LEADER, DAY, DAY)
    assert document["opened"] == document["closed"] == []
    assert document["stayed"] == len(gap_table(tiny_store, DEPARTMENT, as_of=DAY))


def test_households_that_changed_are_counted_by_cell(tiny_store):
    changes = gap_changes(tiny_store, LEADER, START - timedelta(days=1), DAY)
    assert "household" not in set(changes["target_kind"])
    unpaired = changes[(changes["kind"] == "household_unpaired") & (changes["state"] == "closed")]
    assert sorted(unpaired["target_code"]) == [A1, B1]  # h1 and h3
    assert unpaired["value"].tolist() == [1, 1]


def test_a_series_counts_each_day_exactly(tiny_store):
    start = START - timedelta(days=2)
    series = gap_series(tiny_store, DEPARTMENT, start=start, end=start + timedelta(days=70))
    assert series["day"].nunique() == 71
    table = series.pivot(index="day", columns="kind", values="count")
    for day in (start, START - timedelta(days=1), START, date(2026, 2, 28), date(2026, 3, 1)):
        counts = fresh(tiny_store, day)["kind"].value_counts()
        assert table.loc[day].to_dict() == counts.reindex(table.columns, fill_value=0).to_dict()
    assert not table.loc[START - timedelta(days=1)].equals(table.loc[START])


def test_a_series_in_steps_of_a_territory(tiny_store):
    series = gap_series(tiny_store, RESIDENT_OF_A, start=START, end=DAY, step_days=30)
    assert list(series["day"].unique()) == [START + timedelta(days=30 * at) for at in range(5)]
    last = series[series["day"] == START + timedelta(days=120)].set_index("kind")["count"]
    assert last.sum() == len(gap_table(tiny_store, RESIDENT_OF_A, as_of=START + timedelta(days=120)))


def test_a_series_notices_rules_that_change(own_store):
    set_threshold(
        own_store, DEPARTMENT, "pairing_hardship_only", 1, valid_from=DAY, reason="先保困难户", now=NOW
    )
    series = gap_series(own_store, DEPARTMENT, start=DAY - timedelta(days=1), end=DAY)
    unpaired = series[series["kind"] == "household_unpaired"]["count"].tolist()
    assert unpaired == [2, 0]


def test_a_series_needs_days(tiny_store):
    with pytest.raises(InputError):
        gap_series(tiny_store, DEPARTMENT, start=DAY, end=START)
    with pytest.raises(InputError):
        gap_series(tiny_store, DEPARTMENT, start=START, end=DAY, step_days=0)


def test_what_was_known_then_stays_what_was_known(own_store):
    before = gaps_on(own_store, as_of=DAY).gaps
    put(own_store, assign(B1, "c4", since=DAY - timedelta(days=20)), now=NOW)
    now_known = gap_table(own_store, DEPARTMENT, as_of=DAY - timedelta(days=10), kinds=["cell_unowned"])
    then_known = gap_table(
        own_store,
        DEPARTMENT,
        as_of=DAY - timedelta(days=10),
        known_at=NOW - timedelta(hours=1),
        kinds=["cell_unowned"],
    )
    assert B1 not in set(now_known["target_code"])
    assert B1 in set(then_known["target_code"])
    assert before.loc[before["target_code"] == B1, "since"].tolist() == then_known["since"].tolist()
