"""What an import found: faults that refuse a row, findings that don't, and the document of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from geo.i18n import _


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one row.

    Attributes
    ----------
    row : int
        Data row of the file counted from 1; the heading is not counted.
    column : str
        Canonical column, or ``geometry``.
    code : str
        What is wrong, for programs.
    message : str
        What is wrong, for people.
    """

    row: int
    column: str
    code: str
    message: str


@dataclass(frozen=True)
class Finding:
    """Something worth knowing that does not stop the import.

    Attributes
    ----------
    code, message, action : str
        What it is, in one sentence, and what to do about it.
    count : int
        How many rows, pairs or columns it concerns.
    confidence : float
        0–1: 1 for what was measured, less for what is guessed.
    """

    code: str
    count: int
    message: str
    action: str = ""
    confidence: float = 1.0


class FaultList:
    """Collects the faults of a whole file, by columns of rows."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, values: pd.Series, column: str, code: str, message: str, **given: object) -> None:
        """Record one fault for every row of ``values`` (indexed by row number).

        ``message`` is a translated template; ``{value}`` in it is replaced by the row's value.
        """
        self._faults.extend(
            Fault(int(row), column, code, message.format(value=value, **given))
            for row, value in zip(values.index, values.tolist(), strict=True)
        )

    @property
    def rows(self) -> set[int]:
        """Numbers of the rows with at least one fault."""
        return {fault.row for fault in self._faults}

    def rows_of(self, column: str) -> set[int]:
        """Numbers of the rows with a fault in one column."""
        return {fault.row for fault in self._faults if fault.column == column}

    def sorted(self) -> list[Fault]:
        """All faults in the order of the file."""
        return sorted(self._faults, key=lambda fault: (fault.row, fault.column, fault.code))

    def __len__(self) -> int:
        return len(self._faults)


@dataclass(frozen=True)
class ImportReport:
    """What an import read, wrote and found (design §4, "import")."""

    layer: str
    read: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    written: bool = False
    batch: str | None = None
    faults: Sequence[Fault] = ()
    findings: Sequence[Finding] = ()
    frame: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)

    def document(self) -> dict[str, Any]:
        """The JSON document of the command line."""
        counts = ("layer", "read", "added", "changed", "unchanged", "missing", "written", "batch")
        return {
            **{name: getattr(self, name) for name in counts},
            "faults": [asdict(fault) for fault in self.faults],
            "findings": [asdict(finding) for finding in self.findings],
        }

    def sentence(self) -> str:
        """One sentence for people: what was read and what became of it."""
        if self.faults and not self.written:
            return _("共 {read} 行，其中 {rows} 行有误（{kinds}），没有写入任何数据。").format(
                read=self.read,
                rows=len({fault.row for fault in self.faults}),
                kinds=fault_summary(self.faults),
            )
        template = _(
            "共 {read} 行：新增 {added}，更新 {changed}，未变 {unchanged}，库中有而文件中没有 {missing}。"
        )
        return template.format(
            read=self.read,
            added=self.added,
            changed=self.changed,
            unchanged=self.unchanged,
            missing=self.missing,
        )


def fault_summary(faults: Iterable[Fault]) -> str:
    """How many faults of each kind, the commonest first, each with its first message."""
    faults = list(faults)
    first = {fault.code: fault.message for fault in reversed(faults)}
    counts = Counter(fault.code for fault in faults)
    return "；".join(
        _("{message}等 {count} 处").format(message=first[code].rstrip("。"), count=count)
        for code, count in counts.most_common(3)
    )
