"""Rectifications of the sample: what is listed when, who answers for it, which steps were taken by whom.

Everything happens between autumn and the reference day; `seeds.fates` says how it goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from geo.analysis.rectification.plan import planned_tasks
from geo.codes import township_of
from seeds.bench import REFERENCE_DAY
from seeds.fates import FATES, Fate, fates_of_branches, fates_of_villages
from seeds.names import COUNTY_CODE
from seeds.size import Size

AS_OF = date.fromisoformat(REFERENCE_DAY)
LIMIT = timedelta(days=100)  # S3
DEPARTMENT, LEADER, COORDINATOR = "department", "leader", "coordinator"
OFFICE, WORK_TEAM = "office", "workteam"
"""Accounts that do the townships' part where no coordinator has an account, and the villages' part."""
COORDINATED = f"{COUNTY_CODE}101"
"""The township of the account `COORDINATOR`."""
EVIDENCE_FILES = 5
_BRANCHES, _EXTENSION = 12, timedelta(days=35)
_BRANCH_CAUSES = ("organization_incomplete", "leadership_split")
_NOTES = {
    "list": "列入挂牌整改名单，限期百日。",
    "again": "复查发现问题反弹，重新挂牌。",
    "plan": "整改方案已经集体讨论，责任到人、倒排工期。",
    "approve": "方案可行，同意实施。",
    "request": "各项任务已完成，佐证材料齐全，申请销号。",
    "review": "逐项查看，任务落实，同意上报核查。",
    "check": "实地核查，走访党员和群众，情况属实。",
    "close": "部务会研究，同意销号。",
    "return": "群众反映的问题尚未解决，退回继续整改。",
    "extend": "产业项目用地手续未办结，延长期限。",
    "reassign": "原责任人工作调整，由接任干部负责。",
    "withdraw": "经核实不符合挂牌条件，予以撤牌。",
}
_BY_COUNTY = ("approve", "close", "extend", "reassign", "withdraw")
_WITH_DOCUMENT = ("close", "extend", "withdraw")
_STATES = {
    "list": "listed",
    "plan": "planned",
    "approve": "working",
    "request": "requested",
    "review": "reviewed",
    "check": "checked",
    "close": "closed",
    "return": "working",
    "withdraw": "withdrawn",
}


@dataclass(frozen=True)
class Cases:
    """Tables of rectifications; days are dates, empty cells None.

    Attributes
    ----------
    cases : DataFrame
        ``code, subject_kind, subject_code, village_code, cause, round, listed_on, due_on, responsible_code,
        leader_code, note, document_no``, in the order in which they are listed.
    steps : DataFrame
        ``case, action, on, user, note, document_no, checker_code, due_on, responsible_code``.
    tasks : DataFrame
        ``case, number, title, owner_code, starts_on, due_on, done_on, user``.
    evidence : DataFrame
        ``case, number, file, title, taken_on, user``.
    """

    cases: pd.DataFrame
    steps: pd.DataFrame
    tasks: pd.DataFrame
    evidence: pd.DataFrame

    def on(self, day: date) -> pd.DataFrame:
        """The cases listed by a day with ``state``, ``due_on`` and ``responsible_code`` as they were then."""
        found = self.cases[[listed <= day for listed in self.cases["listed_on"]]].copy()
        taken = self.steps[[on <= day for on in self.steps["on"]]]
        states = taken.assign(state=taken["action"].map(_STATES)).dropna(subset="state")
        last = states.groupby("case")["state"].last()
        found["state"] = found["code"].map(last).fillna("listed").astype(object)
        for name in ("due_on", "responsible_code"):
            latest = taken.dropna(subset=name).groupby("case")[name].last()
            found[name] = found["code"].map(latest).where(found["code"].isin(latest.index), found[name])
        return found.reset_index(drop=True)


def case_tables(
    frames: dict[str, pd.DataFrame], designations: pd.DataFrame, size: Size, rng: np.random.Generator
) -> Cases:
    """Rectifications of the weak villages, of those that have turned, and of a dozen branches (S3, S4)."""
    people = _People.of(frames)
    drafts = [
        *_village_drafts(designations, people, rng),
        *_branch_drafts(frames, designations, people, size, rng),
    ]
    drafts.sort(key=lambda draft: (draft.listed_on, draft.subject_code))
    numbers: dict[int, int] = {}
    cases: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    tasks: list[dict[str, Any]] = []
    for place, draft in enumerate(drafts):
        year = draft.listed_on.year
        numbers[year] = numbers.get(year, 0) + 1
        code = f"ZG{year}-{numbers[year]:04d}"
        cases.append(draft.row(code, numbers[year]))
        steps += _steps(code, draft, people, people.checkers[place % len(people.checkers)])
        tasks += _tasks(code, draft)
    task_frame, step_frame = _frame(tasks), _frame(steps)
    return Cases(_frame(cases), step_frame, task_frame, _evidence(task_frame, step_frame))


def overdue_cases(cases: Cases) -> list[dict[str, Any]]:
    """The faults among them, as `seeds.bench.Bench.note` writes faults down: open past their day."""
    found = cases.on(AS_OF)
    past = np.array([due < AS_OF for due in found["due_on"]]) & ~found["state"].isin(["closed", "withdrawn"])
    notes = []
    for kind, cause in (("village", "村整改逾期"), ("branch", "党支部整改逾期")):
        rows = found[past & (found["subject_kind"] == kind)].sort_values("subject_code")
        if len(rows):
            codes, numbers = rows["subject_code"].to_list(), rows["code"].to_list()
            fault = {"kind": "rectification_overdue", "cause": cause, "count": len(codes)}
            notes.append({**fault, "codes": codes, "cases": numbers})
    return notes


@dataclass(frozen=True)
class _People:
    """Who answers for what on every day of the winter, and who may look on the spot."""

    heads: dict[str, str]
    org_cadres: dict[str, str]
    leaders: dict[str, str]
    deputies: dict[str, str]
    checkers: list[str]

    @classmethod
    def of(cls, frames: dict[str, pd.DataFrame]) -> _People:
        held, cadres = frames["responsibilities"], frames["cadres"]
        held = held[held["valid_to"].isna()].sort_values(["target_code", "holder_code"])

        def holders(kind: str) -> dict[str, str]:
            rows = held[held["kind"] == kind]
            return dict(zip(rows["target_code"], rows["holder_code"], strict=True))

        deputies = cadres[cadres["duty"] == "党委副书记"]
        towns = COUNTY_CODE + deputies["unit_code"].str[2:]
        return cls(
            holders("team_head"),
            holders("org_cadre"),
            holders("county_leader"),
            dict(zip(towns, deputies["code"], strict=True)),
            sorted(cadres.loc[cadres["duty"] == "单位主要负责人", "code"]),
        )

    def leader_of(self, village: str | None) -> str:
        """The county leader of a village, else of its township; for no village the first of all."""
        if village is None:
            return min(self.leaders.values())
        return self.leaders.get(village) or self.leaders[township_of(village)]


@dataclass(frozen=True)
class _Draft:
    """One case before it has a code."""

    fate: Fate
    subject_kind: str
    subject_code: str
    village_code: str | None
    cause: str
    listed_on: date
    responsible_code: str
    leader_code: str
    round: int = 1

    @property
    def due_on(self) -> date:
        return self.listed_on + LIMIT

    def row(self, code: str, number: int) -> dict[str, Any]:
        """The case as it is listed."""
        return {
            "code": code,
            "subject_kind": self.subject_kind,
            "subject_code": self.subject_code,
            "village_code": self.village_code,
            "cause": self.cause,
            "round": self.round,
            "listed_on": self.listed_on,
            "due_on": self.due_on,
            "responsible_code": self.responsible_code,
            "leader_code": self.leader_code,
            "note": _NOTES["list" if self.round == 1 else "again"],
            "document_no": f"安整办〔{self.listed_on.year}〕{number}号",
        }


def _village_drafts(designations: pd.DataFrame, people: _People, rng: np.random.Generator) -> list[_Draft]:
    weak = designations[designations["label"] == "weak"].sort_values("village_code")
    runs = weak["valid_to"].isna()
    current = weak[runs].sample(frac=1, random_state=rng)
    named = [*zip(current.itertuples(), fates_of_villages(len(current)), strict=True)]
    named += [(row, "turned") for row in weak[~runs].itertuples()]
    drafts: list[_Draft] = []
    for row, name in named:
        village = row.village_code
        head = people.heads[village]
        given = ("village", village, village, row.cause)
        drafts += _rounds(name, given, head, people.leader_of(village), rng)
    return drafts


def _branch_drafts(
    frames: dict[str, pd.DataFrame],
    designations: pd.DataFrame,
    people: _People,
    size: Size,
    rng: np.random.Generator,
) -> list[_Draft]:
    """Backward branches, every other one of an office, a firm or a school: then it has no village (S4)."""
    branches = frames["branches"].sort_values("code")
    branches = branches[branches["code"].isin(people.org_cadres)]
    branches = branches[~branches["village_code"].isin(designations["village_code"])]
    count = max(2, size.share(_BRANCHES))
    pools = [rng.permutation(branches.loc[has, "code"]) for has in _with_and_without(branches)]
    home = dict(zip(branches["code"], branches["village_code"].astype(object), strict=True))
    drafts: list[_Draft] = []
    for number, name in enumerate(fates_of_branches(count)):
        code = str(pools[(number + 1) % 2][number // 2])
        village = home[code] if isinstance(home[code], str) else None
        given = ("branch", code, village, _BRANCH_CAUSES[number // 2 % 2])
        drafts += _rounds(name, given, people.org_cadres[code], people.leader_of(village), rng)
    return drafts


def _with_and_without(branches: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return branches["village_code"].notna(), branches["village_code"].isna()


def _rounds(
    name: str,
    given: tuple[str, str, str | None, str],
    responsible: str,
    leader: str,
    rng: np.random.Generator,
) -> list[_Draft]:
    """The case with its fate, and the next one where it is listed again."""
    drafts: list[_Draft] = []
    while name:
        fate = FATES[name]
        day = fate.first + timedelta(days=int(rng.integers(0, (fate.last - fate.first).days + 1)))
        drafts.append(_Draft(fate, *given, day, responsible, leader, len(drafts) + 1))
        name = fate.again
    return drafts


def _steps(code: str, draft: _Draft, people: _People, checker: str) -> list[dict[str, Any]]:
    rows = []
    for action, days in draft.fate.steps:
        on = draft.listed_on + timedelta(days=days)
        township = township_of(draft.village_code) if draft.village_code else ""
        row = {
            "case": code,
            "action": action,
            "on": on,
            "user": _account(action, township),
            "note": _NOTES[action],
            "document_no": f"安整办〔{on.year}〕{code[-3:]}-{days}号" if action in _WITH_DOCUMENT else None,
            "checker_code": checker if action == "check" else None,
            "due_on": draft.due_on + _EXTENSION if action == "extend" else None,
            "responsible_code": people.deputies[township] if action == "reassign" else None,
        }
        rows.append(row)
    return rows


def _account(action: str, township: str) -> str:
    """Who takes a step: nobody looks at what was done under the same account."""
    if action in _BY_COUNTY:
        return DEPARTMENT
    if action == "check":
        return LEADER
    if action == "request":
        return _worker(township)
    if action in ("review", "return") and not township:
        return DEPARTMENT
    return COORDINATOR if township == COORDINATED else OFFICE


def _worker(township: str) -> str:
    return WORK_TEAM if township else OFFICE


def _tasks(code: str, draft: _Draft) -> list[dict[str, Any]]:
    """The template's tasks where there is a plan, each with the day on which it was done."""
    actions = dict(draft.fate.steps)
    if "plan" not in actions:
        return []
    planned = planned_tasks(
        draft.cause,
        listed_on=draft.listed_on,
        due_on=draft.due_on,
        responsible_code=draft.responsible_code,
        leader_code=draft.leader_code,
    )
    township = township_of(draft.village_code) if draft.village_code else ""
    rows = planned.to_dict("records")
    asked = draft.listed_on + timedelta(days=actions["request"]) if "request" in actions else AS_OF
    begun = draft.listed_on + timedelta(days=actions.get("approve", 0) + 1)
    for place, row in enumerate(rows, start=1):
        done = row["due_on"] < AS_OF if draft.fate.done is None else place <= draft.fate.done
        done = done and "approve" in actions
        last = min(row["due_on"], asked - timedelta(days=1 + len(rows) - place))
        row |= {"case": code, "done_on": max(last, begun) if done else None, "user": _worker(township)}
    return rows


def _evidence(tasks: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """One piece of evidence for each task of the cases whose closing was asked for: it takes no less."""
    asked = tasks["case"].isin(steps.loc[steps["action"] == "request", "case"])
    done = tasks[asked & tasks["done_on"].notna()]
    return _frame(
        [
            {
                "case": task.case,
                "number": task.number,
                "file": evidence_file(task.number),
                "title": f"任务{task.number}佐证（示例）",
                "taken_on": task.done_on,
                "user": task.user,
            }
            for task in done.itertuples()
        ]
    )


def evidence_file(number: int) -> str:
    """The picture that stands for the evidence of a task with this number."""
    return f"evidence_{(number - 1) % EVIDENCE_FILES + 1}.jpg"


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, dtype=object)
    return frame.where(frame.notna(), None)
