"""The field's terms as enumerations, each with its Chinese label and, where it has one, its rule.

`RESPONSIBILITY_RULES` is the table of domain §3: who holds what over what, how many at once, by which source.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from geo.i18n import N_, _


class Role(StrEnum):
    """What an account is for (design §6)."""

    DEPARTMENT = "department"
    COORDINATOR = "coordinator"
    LEADER = "leader"
    RESIDENT_CADRE = "resident_cadre"
    AUDITOR = "auditor"


class EntityKind(StrEnum):
    """Everything that has a code: targets and holders of responsibility."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    AREA = "area"
    GROUP = "group"
    BRANCH = "branch"
    CELL = "cell"
    HOUSEHOLD = "household"
    UNIT = "unit"
    CADRE = "cadre"


class ResponsibilityKind(StrEnum):
    """The kinds of responsibility of domain §3."""

    COUNTY_LEADER = "county_leader"
    UNIT_HEAD = "unit_head"
    DEPARTMENT = "department"
    SUB_OFFICE = "sub_office"
    ORG_CADRE = "org_cadre"
    STAFF = "staff"
    TEAM_HEAD = "team_head"
    RESIDENT_CADRE = "resident_cadre"
    TOWNSHIP_CADRE = "township_cadre"
    GRID_OFFICER = "grid_officer"
    TOWN_LEADER = "town_leader"
    MENTOR = "mentor"


class Rank(StrEnum):
    """Whether a holder answers first or assists."""

    PRIMARY = "primary"
    ASSISTANT = "assistant"


class VillageKind(StrEnum):
    """Administrative village or urban community."""

    VILLAGE = "village"
    COMMUNITY = "community"


class UnitKind(StrEnum):
    """What a unit does; decides which villages it suits (domain §5)."""

    PARTY = "party"
    POLITICAL_LEGAL = "political_legal"
    ECONOMIC = "economic"
    OTHER = "other"


class CadreLevel(StrEnum):
    """Level of the unit that sent a cadre (S2)."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class VillageLabel(StrEnum):
    """Which villages come first (domain §5)."""

    POOR = "poor"
    HOLLOW = "hollow"
    WEAK = "weak"
    ELECTION_PRIORITY = "election_priority"
    OLD_REVOLUTIONARY = "old_revolutionary"
    ETHNIC_MINORITY = "ethnic_minority"
    HUNDRED_MILLION = "hundred_million"


class WeakCause(StrEnum):
    """Why a village is weak (S3, S0)."""

    LEADERSHIP_SPLIT = "leadership_split"
    ECONOMY_BEHIND = "economy_behind"
    PETITIONS = "petitions"
    ORGANIZATION_INCOMPLETE = "organization_incomplete"


class Goal(StrEnum):
    """The eight goals of a village (S2)."""

    INCOME = "income"
    RESERVE_CADRES = "reserve_cadres"
    NEW_MEMBERS = "new_members"
    USEFUL_THINGS = "useful_things"
    PROBLEMS_SETTLED = "problems_settled"
    PEOPLE_TRAINED = "people_trained"
    PEOPLE_PLACED = "people_placed"
    RULES_SET_UP = "rules_set_up"


class TextKind(StrEnum):
    """What is written about a village (S0, S2, S4); the last three are its sheets."""

    STRENGTHS = "strengths"
    MAIN_PROBLEM = "main_problem"
    THREE_YEAR_PLAN = "three_year_plan"
    YEARLY_PLAN = "yearly_plan"
    PRESENT_STATE = "present_state"
    CONSTRUCTION_PLAN = "construction_plan"
    PROGRAMME_PLAN = "programme_plan"


class AttachmentUse(StrEnum):
    """What a picture or document is there for."""

    THEN = "then"
    NOW = "now"
    PRESENT_STATE = "present_state"
    CONSTRUCTION_PLAN = "construction_plan"
    PROGRAMME_PLAN = "programme_plan"
    EVIDENCE = "evidence"


class CaseState(StrEnum):
    """How far a rectification is (挂牌销号)."""

    LISTED = "listed"
    PLANNED = "planned"
    WORKING = "working"
    REQUESTED = "requested"
    REVIEWED = "reviewed"
    CHECKED = "checked"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class CaseAction(StrEnum):
    """A step of a rectification."""

    LIST = "list"
    PLAN = "plan"
    APPROVE = "approve"
    REQUEST = "request"
    REVIEW = "review"
    CHECK = "check"
    CLOSE = "close"
    RETURN = "return"
    EXTEND = "extend"
    REASSIGN = "reassign"
    WITHDRAW = "withdraw"


class CaseStatus(StrEnum):
    """How urgent an open rectification is: shown by a shape and a colour."""

    OVERDUE = "overdue"
    PRESSING = "pressing"
    ON_TIME = "on_time"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


DERIVED_LABELS = (VillageLabel.POOR, VillageLabel.HOLLOW, VillageLabel.HUNDRED_MILLION)
DESIGNATED_LABELS = (VillageLabel.WEAK, VillageLabel.ELECTION_PRIORITY)
ATTRIBUTE_LABELS = (VillageLabel.OLD_REVOLUTIONARY, VillageLabel.ETHNIC_MINORITY)
PRIORITY_LABELS = (VillageLabel.WEAK, VillageLabel.POOR, VillageLabel.ELECTION_PRIORITY)
"""A village with one of these must have a resident cadre (S1: must be all covered)."""


@dataclass(frozen=True)
class ResponsibilityRule:
    """One row of domain §3.

    Attributes
    ----------
    holder : EntityKind
        ``cadre`` or ``unit``.
    targets : tuple of EntityKind
        What this kind may cover.
    at_most : int or None
        How many primary holders one target may have at one instant; None means any number.
    level : int or None
        Place in the five-level chain of a household, 1 = county leader … 5 = staff; None if not part of it.
    source : str
        S0–S4 tag.
    assistants_at_most : int or None
        How many assistants one target may have at one instant; None means any number.
    term_years : int or None
        How long one lasts when no end is said; None means without end.
    """

    holder: EntityKind
    targets: tuple[EntityKind, ...]
    at_most: int | None
    level: int | None
    source: str
    assistants_at_most: int | None = None
    term_years: int | None = None


_K, _E, _R = ResponsibilityKind, EntityKind, ResponsibilityRule
RESPONSIBILITY_RULES: dict[ResponsibilityKind, ResponsibilityRule] = {
    _K.COUNTY_LEADER: _R(_E.CADRE, (_E.VILLAGE, _E.TOWNSHIP), 1, 1, "S4, S0"),
    _K.DEPARTMENT: _R(_E.UNIT, (_E.AREA,), 1, 2, "S4, S0"),
    _K.SUB_OFFICE: _R(_E.UNIT, (_E.GROUP,), 1, 3, "S4"),
    _K.ORG_CADRE: _R(_E.CADRE, (_E.BRANCH,), 1, 4, "S4"),
    _K.STAFF: _R(_E.CADRE, (_E.HOUSEHOLD,), 1, 5, "S4"),
    _K.UNIT_HEAD: _R(_E.CADRE, (_E.TOWNSHIP,), None, None, "S2"),
    _K.TEAM_HEAD: _R(_E.CADRE, (_E.VILLAGE,), 1, None, "S0"),
    _K.RESIDENT_CADRE: _R(_E.CADRE, (_E.VILLAGE,), None, None, "S1, S0", term_years=1),
    _K.TOWNSHIP_CADRE: _R(_E.CADRE, (_E.VILLAGE,), None, None, "S0"),
    _K.GRID_OFFICER: _R(_E.CADRE, (_E.CELL,), 1, None, "S4"),
    _K.TOWN_LEADER: _R(_E.CADRE, (_E.TOWNSHIP,), 1, None, "S1, S2", assistants_at_most=2),
    _K.MENTOR: _R(_E.CADRE, (_E.CADRE,), 1, None, "S1"),
}

FIVE_LEVELS = tuple(
    sorted(
        (kind for kind, rule in RESPONSIBILITY_RULES.items() if rule.level),
        key=lambda kind: RESPONSIBILITY_RULES[kind].level or 0,
    )
)

# StrEnum members of different enumerations compare equal when their texts do ("village" is an entity,
# a kind of village and a level of cadre), so the labels are kept by class.
_LABELS: dict[type[StrEnum], dict[str, str]] = {
    Role: {
        Role.DEPARTMENT: N_("县委组织部"),
        Role.COORDINATOR: N_("网格协调员"),
        Role.LEADER: N_("县级领导"),
        Role.RESIDENT_CADRE: N_("驻村干部"),
        Role.AUDITOR: N_("审计员"),
    },
    EntityKind: {
        EntityKind.COUNTY: N_("县"),
        EntityKind.TOWNSHIP: N_("乡镇"),
        EntityKind.VILLAGE: N_("村"),
        EntityKind.AREA: N_("片"),
        EntityKind.GROUP: N_("村民小组"),
        EntityKind.BRANCH: N_("党支部"),
        EntityKind.CELL: N_("网格"),
        EntityKind.HOUSEHOLD: N_("户"),
        EntityKind.UNIT: N_("单位"),
        EntityKind.CADRE: N_("干部"),
    },
    ResponsibilityKind: {
        ResponsibilityKind.COUNTY_LEADER: N_("县级领导包村"),
        ResponsibilityKind.UNIT_HEAD: N_("单位一把手挂钩"),
        ResponsibilityKind.DEPARTMENT: N_("单位包片"),
        ResponsibilityKind.SUB_OFFICE: N_("股所包组"),
        ResponsibilityKind.ORG_CADRE: N_("组工干部包支部"),
        ResponsibilityKind.STAFF: N_("干部职工包户"),
        ResponsibilityKind.TEAM_HEAD: N_("工作组组长"),
        ResponsibilityKind.RESIDENT_CADRE: N_("驻村"),
        ResponsibilityKind.TOWNSHIP_CADRE: N_("镇干部"),
        ResponsibilityKind.GRID_OFFICER: N_("网格员"),
        ResponsibilityKind.TOWN_LEADER: N_("领队"),
        ResponsibilityKind.MENTOR: N_("传帮带"),
    },
    Rank: {
        Rank.PRIMARY: N_("主责"),
        Rank.ASSISTANT: N_("协助"),
    },
    VillageKind: {
        VillageKind.VILLAGE: N_("行政村"),
        VillageKind.COMMUNITY: N_("社区"),
    },
    UnitKind: {
        UnitKind.PARTY: N_("党群部门"),
        UnitKind.POLITICAL_LEGAL: N_("政法部门"),
        UnitKind.ECONOMIC: N_("经济部门"),
        UnitKind.OTHER: N_("其他单位"),
    },
    CadreLevel: {
        CadreLevel.PROVINCE: N_("省派"),
        CadreLevel.CITY: N_("市派"),
        CadreLevel.COUNTY: N_("县派"),
        CadreLevel.TOWNSHIP: N_("镇派"),
        CadreLevel.VILLAGE: N_("村级"),
    },
    VillageLabel: {
        VillageLabel.POOR: N_("经济薄弱村"),
        VillageLabel.HOLLOW: N_("空壳村"),
        VillageLabel.WEAK: N_("软弱涣散村"),
        VillageLabel.ELECTION_PRIORITY: N_("换届重难点村"),
        VillageLabel.OLD_REVOLUTIONARY: N_("革命老区村"),
        VillageLabel.ETHNIC_MINORITY: N_("少数民族村"),
        VillageLabel.HUNDRED_MILLION: N_("亿元村"),
    },
    WeakCause: {
        WeakCause.LEADERSHIP_SPLIT: N_("班子不团结"),
        WeakCause.ECONOMY_BEHIND: N_("经济落后"),
        WeakCause.PETITIONS: N_("信访问题多"),
        WeakCause.ORGANIZATION_INCOMPLETE: N_("组织不健全"),
    },
    Goal: {
        Goal.INCOME: N_("集体收入"),
        Goal.RESERVE_CADRES: N_("后备干部"),
        Goal.NEW_MEMBERS: N_("发展党员"),
        Goal.USEFUL_THINGS: N_("办实事"),
        Goal.PROBLEMS_SETTLED: N_("化解难题"),
        Goal.PEOPLE_TRAINED: N_("技能培训"),
        Goal.PEOPLE_PLACED: N_("转移就业"),
        Goal.RULES_SET_UP: N_("建章立制"),
    },
    TextKind: {
        TextKind.STRENGTHS: N_("优势"),
        TextKind.MAIN_PROBLEM: N_("主要问题"),
        TextKind.THREE_YEAR_PLAN: N_("三年规划"),
        TextKind.YEARLY_PLAN: N_("年度计划"),
        TextKind.PRESENT_STATE: N_("现状图说明"),
        TextKind.CONSTRUCTION_PLAN: N_("建设规划说明"),
        TextKind.PROGRAMME_PLAN: N_("实施方案说明"),
    },
    AttachmentUse: {
        AttachmentUse.THEN: N_("旧貌"),
        AttachmentUse.NOW: N_("新颜"),
        AttachmentUse.PRESENT_STATE: N_("现状图"),
        AttachmentUse.CONSTRUCTION_PLAN: N_("建设规划图"),
        AttachmentUse.PROGRAMME_PLAN: N_("实施方案图"),
        AttachmentUse.EVIDENCE: N_("佐证材料"),
    },
    CaseState: {
        CaseState.LISTED: N_("已挂牌"),
        CaseState.PLANNED: N_("方案待审"),
        CaseState.WORKING: N_("整改中"),
        CaseState.REQUESTED: N_("已申请销号"),
        CaseState.REVIEWED: N_("乡镇已初审"),
        CaseState.CHECKED: N_("核查通过"),
        CaseState.CLOSED: N_("已销号"),
        CaseState.WITHDRAWN: N_("已撤牌"),
    },
    CaseAction: {
        CaseAction.LIST: N_("挂牌"),
        CaseAction.PLAN: N_("上报方案"),
        CaseAction.APPROVE: N_("批准方案"),
        CaseAction.REQUEST: N_("申请销号"),
        CaseAction.REVIEW: N_("乡镇初审"),
        CaseAction.CHECK: N_("核查通过"),
        CaseAction.CLOSE: N_("销号"),
        CaseAction.RETURN: N_("退回整改"),
        CaseAction.EXTEND: N_("延期"),
        CaseAction.REASSIGN: N_("调整责任人"),
        CaseAction.WITHDRAW: N_("撤牌"),
    },
    CaseStatus: {
        CaseStatus.OVERDUE: N_("逾期"),
        CaseStatus.PRESSING: N_("临期"),
        CaseStatus.ON_TIME: N_("正常"),
        CaseStatus.CLOSED: N_("已销号"),
        CaseStatus.WITHDRAWN: N_("已撤牌"),
    },
}


def label_of(member: StrEnum) -> str:
    """The label of an enumeration member in this context's language."""
    return _(_LABELS[type(member)][member])


def choices_of(kind: type[StrEnum]) -> dict[str, str]:
    """Every text a file may use for a member (its value, its Chinese label, its label now) → its value."""
    members = {member.value: member.value for member in kind}
    labels = {_LABELS[kind][member]: member.value for member in kind}
    return {**members, **labels, **{label_of(member).lower(): member.value for member in kind}}
