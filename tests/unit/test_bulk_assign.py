from datetime import date

import pandas as pd
import pytest

from geo.errors import FileFault, PermissionError_
from geo.operations.bulk_assign import assign_from_file
from geo.operations.requests import AssignRequest
from geo.store.models import Cadre
from tests.analysis_frames import A1, A2, B1
from tests.answers_store import COORDINATOR, LEADER, fill
from tests.journal import MAY, TODAY, put


@pytest.fixture
def tiny(gpkg_store):
    return fill(gpkg_store)


def _file(path, rows):
    columns = ["责任类型", "责任人代码", "对象代码", "起始日期", "截止日期", "主次"]
    frame = pd.DataFrame(rows, columns=columns)
    frame.to_excel(path, index=False) if path.suffix == ".xlsx" else frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", ["rows.csv", "rows.xlsx"])
def test_a_file_becomes_one_request(tiny, tmp_path, name):
    rows = [
        ("网格员", "c1", A1, "2026-05-01", "2026-06-30", "主责"),
        ("网格员", "c2", B1, "2026-05-01", None, None),
    ]
    found = assign_from_file(tiny, COORDINATOR, _file(tmp_path / name, rows), today=TODAY)
    assert (found.read, found.faults) == (2, ())
    first, second = found.rows
    assert (first.kind, first.holder_code, first.target_code) == ("grid_officer", "c1", A1)
    assert (first.valid_from, first.valid_to, first.rank) == (MAY, date(2026, 7, 1), "primary")
    assert (second.valid_to, second.rank) == (None, "primary")
    assert put(tiny, AssignRequest(found.rows, "成批办理"), confirmed=True).state == "applied"


def test_every_fault_is_told_by_its_row(tiny, tmp_path):
    with tiny.write() as session:
        session.add(Cadre(code="gone", name="离任", valid_to=date(2026, 4, 1)))
    rows = [
        ("网格员", "c1", A1, "2026-05-01", None, None),
        ("网格员", "nobody", A2, "2026-05-01", None, None),
        ("国王", "c1", A2, "2026-05-01", None, None),
        ("网格员", "gone", B1, "2026-05-01", None, None),
    ]
    found = assign_from_file(tiny, COORDINATOR, _file(tmp_path / "rows.csv", rows), today=TODAY)
    assert [row.target_code for row in found.rows] == [A1]
    assert [(fault.row, fault.code) for fault in found.faults] == [
        (2, "unknown_parent"),
        (3, "not_a_choice"),
        (4, "not_allowed"),
    ]
    assert "离任" in found.faults[-1].message


def test_who_writes_nowhere_reads_no_file(tiny, tmp_path):
    path = _file(tmp_path / "rows.csv", [("网格员", "c1", A1, "2026-05-01", None, None)])
    with pytest.raises(PermissionError_):
        assign_from_file(tiny, LEADER, path, today=TODAY)
    with pytest.raises(FileFault):
        assign_from_file(tiny, COORDINATOR, tmp_path / "missing.csv", today=TODAY)
