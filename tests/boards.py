"""Invented ledgers of rectifications, for tests of how they are put on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from geo.exchange.rectification_board import Board, BoardRow
from geo.vocabulary import CaseState, CaseStatus, WeakCause

DAY = date(2026, 5, 1)
MADE = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)
STATUSES = [*CaseStatus]
ENDED = {CaseStatus.CLOSED: CaseState.CLOSED, CaseStatus.WITHDRAWN: CaseState.WITHDRAWN}


def board_row(number: int, **given) -> BoardRow:
    """The case of this number: statuses and causes take turns, every fourth is of a branch."""
    status = STATUSES[number % len(STATUSES)]
    left = {CaseStatus.OVERDUE: -5 - number, CaseStatus.PRESSING: 6, CaseStatus.ON_TIME: 60}.get(status)
    due = DAY + timedelta(days=left if left is not None else 10)
    is_branch = number % 4 == 0
    fields = {
        "code": f"Z{number:04d}",
        "subject_kind": "branch" if is_branch else "village",
        "subject_name": f"第{number}党支部" if is_branch else f"第{number}村",
        "village_name": "柳沟村" if is_branch else f"第{number}村",
        "township_code": "990101101",
        "township_name": "石桥镇",
        "cause": [*WeakCause][number % len(WeakCause)],
        "round": 1 + number % 2,
        "state": ENDED.get(status, CaseState.WORKING),
        "status": status,
        "listed_on": due - timedelta(days=100),
        "due_on": due,
        "closed_on": DAY - timedelta(days=number % 30) if status == CaseStatus.CLOSED else None,
        "days_left": left,
        "tasks": 6,
        "tasks_done": number % 7,
        "tasks_overdue": 2 if status == CaseStatus.OVERDUE else 0,
        "responsible_name": "王芳",
        "leader_name": "李卫东" if number % 3 else None,
    }
    return BoardRow(**fields | given)


def board(*rows: BoardRow, **given) -> Board:
    """A ledger of these cases."""
    fields = {
        "county": "安和县",
        "as_of": DAY,
        "filters": "全县；全部状态",
        "made_by": "department",
        "made_at": MADE,
        "sample": True,
        "rows": rows,
        "waiting": {"county": 3, "township": 5, "village": 12},
    }
    return Board(**fields | given)
