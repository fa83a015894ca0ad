"""How the records of who answers for what change when somebody starts, stops or was recorded wrongly.

The rules of domain §3 on one line of time for each kind and target. Records are never changed: one that is
cut is closed and a copy with another end takes its place, so nothing before the day of a change is touched.

Cells that came in with two primary officers stay as they are until somebody assigns; nothing here ever makes
such an overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from geo.analysis.periods import is_missing
from geo.errors import RuleError
from geo.i18n import _
from geo.vocabulary import RESPONSIBILITY_RULES, Rank, ResponsibilityKind

RECORD_COLUMNS = ["kind", "holder_code", "target_code", "rank", "valid_from", "valid_to", "reason"]
_PRIMARY, _ASSISTANT = str(Rank.PRIMARY), str(Rank.ASSISTANT)

Subject = tuple[str, str]
"""Kind and target: what one line of time is about."""


@dataclass(frozen=True)
class Span:
    """One record on a line of time; ``id`` is None for one that is not stored (yet)."""

    id: int | None
    holder: str
    rank: str
    start: date
    end: date | None
    reason: str | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= day and (self.end is None or day < self.end)

    def meets(self, start: date, end: date | None) -> bool:
        """Whether it has a day in common with a half-open period."""
        return (end is None or self.start < end) and (self.end is None or start < self.end)


@dataclass(frozen=True)
class Succession:
    """What becomes of the records.

    Attributes
    ----------
    closed : DataFrame
        Records that are superseded: ``id`` and `RECORD_COLUMNS`.
    opened : DataFrame
        Records that are new or take their place: `RECORD_COLUMNS`.
    unchanged : int
        How many wanted rows were so already.
    notes : tuple of str
        What was decided by rule and is worth knowing.
    """

    closed: pd.DataFrame
    opened: pd.DataFrame
    unchanged: int = 0
    notes: tuple[str, ...] = ()


def succession(
    current: pd.DataFrame,
    wanted: pd.DataFrame | None = None,
    *,
    ended: pd.DataFrame | None = None,
    reason: str | None = None,
) -> Succession:
    """End what is to end, then let start what is wanted.

    Parameters
    ----------
    current : DataFrame ``id`` and `RECORD_COLUMNS`
        Every record that stands (is not superseded) over the kinds and targets concerned, of any period.
    wanted : DataFrame ``kind, holder_code, target_code, rank, valid_from, valid_to``, optional
        What is to be so; ``is_fixed`` says whether the end was asked for (no such column: if there is one).
    ended : DataFrame ``kind, target_code, holder_code, on``, optional
        What is in force on a day and ends there; a missing ``holder_code`` means whoever holds it.
    reason : str or None
        Why, for the records that are new.

    Raises
    ------
    RuleError
        Nothing is in force that could end; two are wanted at once where one may be; an end that was asked for
        lies beyond the start of what is planned already; more assistants than the kind allows.
    """
    lines = _lines(current)
    before = {subject: list(spans) for subject, spans in lines.items()}
    for row in _rows(ended):
        _end(lines, (row["kind"], row["target_code"]), row["on"], _text(row.get("holder_code")))
    notes: list[str] = []
    unchanged = 0
    for subject, spans in _wanted(wanted, reason).items():
        line = lines.setdefault(subject, [])
        for span, is_fixed in spans:
            placed, note = _placed(line, subject, span, is_fixed=is_fixed)
            unchanged += _same(line, placed)
            notes += [note] if note else []
            line[:] = placed
    return _difference(before, lines, unchanged, notes)


def corrected(
    current: pd.DataFrame,
    record_id: int,
    changes: Mapping[str, Any] | None,
    *,
    reason: str | None = None,
) -> Succession:
    """Put another statement in the place of a wrong record, or nothing.

    Parameters
    ----------
    current : DataFrame
        As for `succession`; it holds the record.
    changes : mapping or None
        New values of ``holder_code``, ``rank``, ``valid_from``, ``valid_to``; None withdraws the record.

    Raises
    ------
    RuleError
        The period would be empty, or the record would overlap with another more than the wrong one did.
    """
    lines = _lines(current)
    before = {subject: list(spans) for subject, spans in lines.items()}
    subject, wrong = next(
        (subject, span) for subject, spans in lines.items() for span in spans if span.id == record_id
    )
    rest = [span for span in lines[subject] if span.id != record_id]
    if changes is None:
        return _difference(before, lines | {subject: rest}, 0, [])
    right = Span(
        None,
        changes.get("holder_code", wrong.holder),
        changes.get("rank", wrong.rank),
        changes.get("valid_from", wrong.start),
        changes.get("valid_to", wrong.end),
        reason or wrong.reason,
    )
    if _content(right) == _content(wrong):
        return _difference(before, lines, 1, [])
    _require_period(right)
    _require_no_new_overlap(subject, rest, wrong, right)
    return _difference(before, lines | {subject: [*rest, right]}, 0, [])


def after(current: pd.DataFrame, change: Succession) -> pd.DataFrame:
    """The records that stand once a change is written: ``id`` (missing for new ones) and `RECORD_COLUMNS`."""
    columns = ["id", *RECORD_COLUMNS]
    gone = set(change.closed["id"])
    kept = [
        row for row in zip(*(current[name].tolist() for name in columns), strict=True) if row[0] not in gone
    ]
    fresh = zip(*(change.opened[name].tolist() for name in RECORD_COLUMNS), strict=True)
    return pd.DataFrame([*kept, *((None, *row) for row in fresh)], columns=columns, dtype=object)


def records_seen(current: pd.DataFrame, subjects: Iterable[Subject]) -> dict[str, str]:
    """The state of each line of time: ``<kind>:<target>`` → ids of the records that stand, for comparison."""
    ids: dict[Subject, list[int]] = {subject: [] for subject in subjects}
    for kind, target, id_ in zip(current["kind"], current["target_code"], current["id"], strict=True):
        if (kind, target) in ids:
            ids[kind, target].append(int(id_))
    return {f"{kind}:{target}": ",".join(map(str, sorted(each))) for (kind, target), each in ids.items()}


def _lines(current: pd.DataFrame) -> dict[Subject, list[Span]]:
    lines: dict[Subject, list[Span]] = {}
    for row in _rows(current):
        rank = _text(row["rank"]) or _PRIMARY
        period = row["valid_from"], _day(row["valid_to"])
        span = Span(int(row["id"]), row["holder_code"], rank, *period, _text(row["reason"]))
        lines.setdefault((row["kind"], row["target_code"]), []).append(span)
    return lines


def _wanted(wanted: pd.DataFrame | None, reason: str | None) -> dict[Subject, list[tuple[Span, bool]]]:
    """Wanted records by kind and target, earliest first, with whether their end was asked for."""
    lines: dict[Subject, list[tuple[Span, bool]]] = {}
    for row in _rows(wanted):
        span = Span(None, row["holder_code"], row["rank"], row["valid_from"], _day(row["valid_to"]), reason)
        _require_period(span)
        is_fixed = bool(row.get("is_fixed", span.end is not None))
        lines.setdefault((row["kind"], row["target_code"]), []).append((span, is_fixed))
    for subject, spans in lines.items():
        spans.sort(key=lambda each: each[0].start)
        _require_one_at_a_time(subject, spans)
    return lines


def _require_one_at_a_time(subject: Subject, spans: Sequence[tuple[Span, bool]]) -> None:
    """One request may not want for one moment what cannot be at once."""
    for at, (span, is_fixed) in enumerate(spans):
        for later, _later_fixed in spans[at + 1 :]:
            together = later.start == span.start or (is_fixed and later.meets(span.start, span.end))
            if together and _excludes(subject, span, later):
                raise RuleError(
                    _("所提交的内容里，{target} 有两行互相冲突。").format(target=subject[1]),
                    hint=_("请每个对象同一时间只保留一名主责人，或改为协助。"),
                )


def _excludes(subject: Subject, one: Span, other: Span) -> bool:
    """Whether two records of a kind and target may not be in force on the same day."""
    rule = RESPONSIBILITY_RULES[ResponsibilityKind(subject[0])]
    both_primary = one.rank == other.rank == _PRIMARY
    return one.holder == other.holder or (rule.at_most == 1 and both_primary)


def _placed(
    line: Sequence[Span], subject: Subject, span: Span, *, is_fixed: bool
) -> tuple[list[Span], str | None]:
    """The line with a record on it: what excludes it is cut where it starts, or is planned and limits it."""
    rivals = [
        other for other in line if _excludes(subject, span, other) and other.meets(span.start, span.end)
    ]
    later = min((other.start for other in rivals if other.start > span.start), default=None)
    note = None
    if later is not None:
        if is_fixed:
            raise _planned_already(subject, later)
        span = replace(span, end=later)
        note = _("{target} 自 {day} 起已另有安排，本次责任到前一天为止。").format(
            target=subject[1], day=later.isoformat()
        )
    started = [other for other in rivals if other.start <= span.start]
    standing = next((other for other in started if _goes_on_as(other, span)), None)
    placed = [other for other in line if other not in started or other is standing]
    placed += [
        replace(other, id=None, end=span.start)
        for other in started
        if other is not standing and other.start < span.start
    ]
    if standing is None:
        placed.append(span)
        _require_few_assistants(subject, placed, span)
    return placed, note


def _goes_on_as(other: Span, span: Span) -> bool:
    """Whether a record already says what is wanted."""
    return (other.holder, other.rank, other.end) == (span.holder, span.rank, span.end)


def _planned_already(subject: Subject, day: date) -> RuleError:
    return RuleError(
        _("{target} 自 {day} 起已另有安排，截止日期不能晚于这一天。").format(
            target=subject[1], day=day.isoformat()
        ),
        hint=_("请提前截止日期，或先更正原有的安排。"),
    )


def _require_few_assistants(subject: Subject, line: Sequence[Span], span: Span) -> None:
    most = RESPONSIBILITY_RULES[ResponsibilityKind(subject[0])].assistants_at_most
    if most is None or span.rank != _ASSISTANT:
        return
    helpers = [other for other in line if other.rank == _ASSISTANT and other.meets(span.start, span.end)]
    days = {max(other.start, span.start) for other in helpers}
    if max(_count_on(helpers, day) for day in days) > most:
        raise RuleError(
            _("{target} 的协助人不能超过 {most} 名。").format(target=subject[1], most=most),
            hint=_("请先结束其中一名。"),
        )


def _count_on(spans: Iterable[Span], day: date) -> int:
    return sum(span.holds_on(day) for span in spans)


def _end(lines: dict[Subject, list[Span]], subject: Subject, day: date, holder: str | None) -> None:
    line = lines.get(subject, [])
    ending = [span for span in line if span.holds_on(day) and holder in (None, span.holder)]
    if not ending:
        raise RuleError(
            _("{target} 在 {day} 没有可结束的责任。").format(target=subject[1], day=day.isoformat()),
            hint=_("请核对对象、责任类型和日期。"),
        )
    line[:] = [span for span in line if span not in ending] + [
        replace(span, id=None, end=day) for span in ending if span.start < day
    ]


def _require_no_new_overlap(subject: Subject, rest: Sequence[Span], wrong: Span, right: Span) -> None:
    """What excludes each other may not overlap on a day on which it did not before."""
    for other in rest:
        if not (_excludes(subject, right, other) and other.meets(right.start, right.end)):
            continue
        if _excludes(subject, wrong, other) and _within(_common(other, right), wrong):
            continue
        raise RuleError(
            _("更正后，{target} 自 {day} 起会同时有两条互相冲突的责任。").format(
                target=subject[1], day=max(other.start, right.start).isoformat()
            ),
            hint=_("请先结束或更正另一条。"),
        )
    _require_few_assistants(subject, [*rest, right], right)


def _common(one: Span, other: Span) -> tuple[date, date | None]:
    ends = [span.end for span in (one, other) if span.end is not None]
    return max(one.start, other.start), min(ends, default=None)


def _within(period: tuple[date, date | None], span: Span) -> bool:
    start, end = period
    return span.start <= start and (span.end is None or (end is not None and end <= span.end))


def _require_period(span: Span) -> None:
    if span.end is not None and span.end <= span.start:
        raise RuleError(_("截止日期须晚于起始日期（{day}）。").format(day=span.start.isoformat()))


def _same(line: Sequence[Span], placed: Sequence[Span]) -> bool:
    return set(line) == set(placed)


def _content(span: Span) -> tuple[str, str, date, date | None]:
    return span.holder, span.rank, span.start, span.end


def _difference(
    before: Mapping[Subject, Sequence[Span]],
    lines: Mapping[Subject, Sequence[Span]],
    unchanged: int,
    notes: Iterable[str],
) -> Succession:
    """Records that are gone from the lines, and those on them that are not stored."""
    closed, opened = [], []
    for (kind, target), spans in lines.items():
        kept = {span.id for span in spans}
        gone = [span for span in before.get((kind, target), ()) if span.id not in kept]
        closed += [(span.id, *_record(kind, target, span)) for span in gone]
        opened += [_record(kind, target, span) for span in spans if span.id is None]
    return Succession(
        pd.DataFrame(closed, columns=["id", *RECORD_COLUMNS], dtype=object),
        pd.DataFrame(opened, columns=RECORD_COLUMNS, dtype=object),
        unchanged,
        tuple(dict.fromkeys(notes)),
    )


def _record(kind: str, target: str, span: Span) -> tuple[Any, ...]:
    return kind, span.holder, target, span.rank, span.start, span.end, span.reason


def _rows(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    if frame is None:
        return []
    names = list(frame.columns)
    columns = (frame[name].tolist() for name in names)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _day(value: Any) -> date | None:
    return None if is_missing(value) else value


def _text(value: Any) -> str | None:
    return None if is_missing(value) else str(value)
