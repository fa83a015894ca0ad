import pandas as pd

from geo.analysis.suitability import unit_fits, wanted_units


def test_units_are_wanted_by_label_and_by_cause():
    labels = pd.DataFrame(
        {
            "village_code": ["a", "a", "b", "c", "d"],
            "label": ["weak", "poor", "hollow", "election_priority", "weak"],
            "cause": ["petitions", None, None, None, "economy_behind"],
        },
        dtype=object,
    )
    assert wanted_units(labels).to_dict() == {
        "a": "economic;party;political_legal",
        "b": "economic",
        "d": "economic;party",
    }
    assert wanted_units(labels.iloc[:0]).empty


def test_one_fitting_unit_suffices_and_what_is_unknown_is_not_held_against_anybody():
    rows = [("a", "party"), ("a", "other"), ("b", "other"), ("c", None), ("c", "other"), ("e", "economic")]
    sent = pd.DataFrame(rows, columns=["village_code", "unit_kind"], dtype=object)
    wants = {"a": "economic;party", "b": "party", "c": "party", "d": "party"}
    assert unit_fits(wants, sent) == {"a": "fits", "b": "unfit", "c": "unknown"}
    assert unit_fits({}, sent) == {}
