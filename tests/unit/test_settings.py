from pathlib import Path

from geo.settings import PROJECT_ROOT, ActingSettings, PlaceSettings


def test_unset_variables_take_their_defaults():
    place = PlaceSettings.from_environment({})
    assert place.home == PROJECT_ROOT
    assert place.store is None
    assert place.default_file == PROJECT_ROOT / "var" / "county.gpkg"
    assert ActingSettings.from_environment({}).user is None


def test_variables_are_read_and_home_is_made_absolute():
    place = PlaceSettings.from_environment({"MINQING_HOME": "somewhere", "MINQING_STORE": "a.gpkg"})
    assert place.home == Path.cwd() / "somewhere"
    assert place.store == "a.gpkg"
    assert ActingSettings.from_environment({"MINQING_USER": "leader"}).user == "leader"


def test_empty_variables_count_as_unset():
    assert PlaceSettings.from_environment({"MINQING_HOME": "", "MINQING_STORE": ""}).store is None
    assert ActingSettings.from_environment({"MINQING_USER": ""}).user is None
