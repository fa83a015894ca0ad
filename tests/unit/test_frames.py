import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from geo.errors import FrameError
from geo.frames import LAYERS, LOAD_ORDER, conform, empty_frame, is_among, layer_named, places_among


def test_load_order_names_every_layer_once():
    assert sorted(LOAD_ORDER) == sorted(LAYERS)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))
def test_an_empty_frame_keeps_the_contract(layer):
    frame = empty_frame(layer)
    assert len(frame) == 0
    assert list(frame.columns[: len(layer.columns)]) == layer.column_names
    assert isinstance(frame, gpd.GeoDataFrame) == (layer.geometry is not None)
    assert conform(frame, layer).dtypes.equals(frame.dtypes)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))
def test_the_key_is_among_the_columns(layer):
    assert set(layer.key) <= set(layer.column_names)


def test_missing_optional_columns_are_added_and_further_ones_dropped():
    frame = conform(
        pd.DataFrame({"code": ["u1"], "name": ["农业农村局"], "colour": ["red"]}), layer_named("units")
    )
    assert list(frame.columns) == ["code", "name", "kind", "parent_code"]
    assert frame["kind"].isna().all()


def test_a_household_without_a_position_is_no_fault():
    frame = conform(
        pd.DataFrame({"code": ["h1"], "village_code": ["990101101001"]}), layer_named("households")
    )
    assert frame.geometry.isna().all()
    assert frame.crs.to_epsg() == 4490


def test_a_missing_required_column_is_named():
    with pytest.raises(FrameError, match="village_code"):
        conform(pd.DataFrame({"code": ["h1"]}), layer_named("households"))


def test_a_value_of_the_wrong_type_names_its_column():
    frame = pd.DataFrame({"village_code": ["990101101001"], "year": ["去年"]})
    with pytest.raises(FrameError, match="year"):
        conform(frame, layer_named("indicators"))


def test_another_crs_is_refused():
    frame = gpd.GeoDataFrame(
        {"code": ["h1"], "village_code": ["990101101001"]}, geometry=[Point(500000, 3900000)], crs="EPSG:4548"
    )
    with pytest.raises(FrameError):
        conform(frame, layer_named("households"))


def test_an_unknown_layer_lists_the_known_ones():
    with pytest.raises(FrameError) as refusal:
        layer_named("lakes")
    assert "villages" in refusal.value.hint


@pytest.mark.parametrize("dtype", ["str", object])
def test_values_and_their_places_among_codes(dtype):
    values = pd.Series(["x", "y", None, "x"], index=[7, 8, 9, 7], dtype=dtype)
    codes = pd.Series(["y", "z", "x"], dtype=dtype)
    assert places_among(values, codes).tolist() == [2, 0, -1, 2]
    assert places_among(values, codes.iloc[:0]).tolist() == [-1] * 4
    assert places_among(values.iloc[:0], codes).tolist() == []
    for some in (codes, {"x", "y"}, ("x", "y")):
        assert is_among(values, some).tolist() == [True, True, False, True]
    assert is_among(values, codes).index.equals(values.index)
    assert not is_among(values, []).any()


@pytest.mark.parametrize(
    "codes",
    [
        ["001", "002", "010", "999"],
        ["010", "001", "999", "002"],
        ["1", "01", "001", "9"],
        ["0x1A", "0026", "0027", "0x1B"],
        ["-12", "012", "+12", "120"],
        ["9" * 18, "1" * 18, "9" * 19, "1" * 19],
    ],
    ids=["rising", "any-order", "lengths", "hexadecimal", "signs", "long"],
)
def test_codes_of_digits_are_looked_up_as_texts(codes):
    known, more = pd.Series(codes, dtype="str"), [*codes[::-1], None, "26", "003", codes[0]]
    wanted = [codes.index(code) if code in codes else -1 for code in more]
    assert places_among(pd.Series(more, dtype="str"), known).tolist() == wanted
    own = pd.Series([*codes, None, codes[-1]], dtype="str")
    assert places_among(own, known).tolist() == [0, 1, 2, 3, -1, 3]
    assert places_among(own.iloc[4:5], known).tolist() == [-1]
