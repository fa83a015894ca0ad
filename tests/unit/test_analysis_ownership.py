from geo.analysis.ownership import cell_owners, cell_states, household_pairing
from tests.analysis_frames import A1, A2, B1, cells, held, households, layer


def test_primary_officers_are_counted_by_person():
    responsibilities = held(
        ("grid_officer", "c1", A1),
        ("grid_officer", "c1", A1, "primary"),
        ("grid_officer", "c2", A2, "primary"),
        ("grid_officer", "c3", A2, "primary"),
        ("grid_officer", "c4", B1, "assistant"),
    )
    owners = cell_owners(cells(), responsibilities)
    assert owners.tolist() == [1, 2, 0]
    assert cell_states(owners).tolist() == ["owned", "contested", "unowned"]


def test_counts_come_back_on_the_index_of_the_cells():
    some = cells().set_axis([7, 8, 9])
    assert cell_owners(some, held(("grid_officer", "c1", A2))).to_dict() == {7: 0, 8: 1, 9: 0}


def test_other_kinds_do_not_own_a_cell():
    assert cell_owners(cells(), held(("staff", "c1", A1))).sum() == 0


def test_households_are_paired_by_staff():
    paired = household_pairing(households(), held(("staff", "c1", "h2"), ("staff", "c2", "h2")))
    assert paired.tolist() == [0, 2, 0, 0]


def test_empty_frames_give_empty_series():
    assert cell_owners(layer("cells", []), held()).empty
    assert cell_owners(cells(), held()).tolist() == [0, 0, 0]
    assert cell_states(cell_owners(layer("cells", []), held())).empty
