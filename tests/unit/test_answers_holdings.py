import pytest

from geo.access import Actor
from geo.answers.holders import COLUMNS, candidates
from geo.answers.holdings import holdings
from geo.errors import CodeError, PermissionError_
from geo.vocabulary import ResponsibilityKind, Role
from tests.analysis_frames import A1, A2, TOWNSHIP, A
from tests.answers_store import COORDINATOR, DAY, DEPARTMENT, ELSEWHERE, LEADER, RESIDENT_OF_A

OF_A = Actor("coordinator", Role.COORDINATOR, frozenset({A}))


def _held(store, code="c5", *, actor=DEPARTMENT):
    return holdings(store, actor, code, as_of=DAY)


def test_everything_somebody_holds_with_where_and_how_far(tiny_store):
    found = _held(tiny_store)
    assert (found.code, found.name, found.hidden) == ("c5", "钱五", 0)
    assert "农业局" in found.detail
    table = found.table.set_index("target_code")
    assert list(table.index) == [A2, "h1", "h3"]
    assert table.loc[A2, ["kind", "target_kind", "village_code"]].tolist() == ["grid_officer", "cell", A]
    assert table.loc[A2, "households"] == 1
    assert table.loc["h1", "target_name"] == "h1"
    # From 117.005°E 35.52°N to 117.005°E 35.505°N: a sixtieth and a half of a degree of latitude.
    assert table.loc["h1", "distance_km"] == pytest.approx(1.66, abs=0.02)
    loads = {load.name: (load.value, load.limit, load.is_over) for load in found.loads}
    assert loads == {"网格": (1, 3, False), "网格内户数": (1, 400, False), "结对户": (2, 30, False)}


def test_what_lies_out_of_sight_is_only_counted(tiny_store):
    found = _held(tiny_store, actor=OF_A)
    assert sorted(found.table["target_code"]) == [A2, "h1"]
    assert found.hidden == 1
    assert "另有 1 项不在您的范围内" in found.detail
    assert {load.name: load.value for load in found.loads}["结对户"] == 2
    nothing = _held(tiny_store, actor=ELSEWHERE)
    assert nothing.table.empty
    assert nothing.hidden == 3


@pytest.mark.parametrize(("actor", "shown"), [(LEADER, False), (RESIDENT_OF_A, True), (DEPARTMENT, True)])
def test_positions_of_households_are_for_those_who_may_see_them(tiny_store, actor, shown):
    table = _held(tiny_store, actor=actor).table.set_index("target_code")
    assert (table.geometry["h1"] is not None) == shown
    assert table["distance_km"].notna()["h1"] == shown
    assert table.geometry[A2] is not None


def test_a_unit_stands_amid_its_cadres_and_an_area_amid_its_villages(tiny_store):
    found = _held(tiny_store, "u1")
    assert found.base is not None
    assert found.table["target_kind"].tolist() == ["area"]
    assert found.table["distance_km"].notna().all()
    assert [(load.name, load.value, load.limit) for load in found.loads] == [("单位包片", 1, None)]


def test_nobody_and_nothing(tiny_store):
    with pytest.raises(CodeError, match="c9"):
        _held(tiny_store, "c9")
    with pytest.raises(CodeError):
        _held(tiny_store, A1)
    idle = _held(tiny_store, "c2", actor=ELSEWHERE)
    assert idle.table.empty
    assert _held(tiny_store, "c4").table["target_code"].tolist() == [A2]


def _offered(store, kind=ResponsibilityKind.GRID_OFFICER, **more):
    found = candidates(store, DEPARTMENT, kind, as_of=DAY, **more)
    assert list(found.columns) == COLUMNS
    return found


def test_the_nearest_with_least_to_do_comes_first(tiny_store):
    found = _offered(tiny_store, near=(117.001, 35.52))
    assert len(found) == 5
    assert found["fit"].is_monotonic_decreasing
    sure = found[found["fit"] == 1]
    assert set(sure["code"]) == {"c3", "c4", "c5"}
    assert sure["distance_km"].is_monotonic_increasing
    assert sure.set_index("code").loc["c4", ["cells", "households"]].tolist() == [1, 1]
    assert found.set_index("code").loc["c1", "distance_km"] == 0
    assert _offered(tiny_store, near=(117.001, 35.52), limit=2)["code"].tolist() == ["c3", "c4"]


def test_looked_up_by_name_code_or_unit(tiny_store):
    assert _offered(tiny_store, text="王三")["code"].tolist() == ["c3"]
    assert _offered(tiny_store, text="C4 农业")["code"].tolist() == ["c4"]
    assert _offered(tiny_store, text="查无此人").empty
    assert _offered(tiny_store, ResponsibilityKind.DEPARTMENT)["code"].tolist() == ["u1"]
    wider = _offered(tiny_store, ResponsibilityKind.DEPARTMENT, text="种植")
    assert wider[["code", "fit"]].to_numpy().tolist() == [["u2", 0.0]]


def test_pairing_counts_households_paired(tiny_store):
    found = _offered(tiny_store, ResponsibilityKind.STAFF).set_index("code")
    assert found.loc["c5", "households"] == 2
    assert found["distance_km"].isna().all()


def test_a_township_out_of_scope_is_refused(tiny_store):
    with pytest.raises(PermissionError_):
        candidates(tiny_store, ELSEWHERE, ResponsibilityKind.GRID_OFFICER, as_of=DAY, township=TOWNSHIP)
    assert len(
        candidates(tiny_store, COORDINATOR, ResponsibilityKind.GRID_OFFICER, as_of=DAY, township=TOWNSHIP)
    )
