from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from geo.access import SYSTEM, Actor
from geo.errors import CodeError, InputError, PermissionError_, RuleError
from geo.operations.county import init_county
from geo.operations.designate import designate_village, end_designation
from geo.store.models import Audit, County, Township, Village
from geo.store.queries import designations
from geo.store.versions import layer_versions
from geo.vocabulary import Role, VillageLabel, WeakCause

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
TOWNSHIP, VILLAGE = "990101101", "990101101201"
LATER = datetime(2026, 5, 20, 8, tzinfo=UTC)
MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 1)


@pytest.fixture
def county_store(store):
    with store.write() as session:
        session.add(Township(code=TOWNSHIP, name="安和镇"))
        session.flush()
        session.add(Village(code=VILLAGE, name="石桥村", township_code=TOWNSHIP))
    return store


def _designate(store, *, actor=SYSTEM, **changes):
    given = {
        "village_code": VILLAGE,
        "label": VillageLabel.WEAK,
        "valid_from": MARCH,
        "reason": "班子长期不团结",
        "cause": WeakCause.LEADERSHIP_SPLIT,
        "document_no": "安组〔2026〕5号",
        "now": NOW,
    }
    designate_village(store, actor, **(given | changes))


def _records(store):
    with store.read() as session:
        return designations(session)


def test_a_designation_is_recorded_with_who_when_and_why(county_store):
    _designate(county_store)
    row = _records(county_store).iloc[0]
    assert (row["village_code"], row["label"], row["cause"]) == (VILLAGE, "weak", "leadership_split")
    assert (row["valid_from"], row["valid_to"]) == (MARCH, None)
    assert (row["reason"], row["document_no"], row["recorded_by"]) == (
        "班子长期不团结",
        "安组〔2026〕5号",
        "system",
    )
    assert row["recorded_at"].to_pydatetime() == NOW


def test_it_is_audited_and_the_townships_tiles_become_old(county_store):
    with county_store.read() as session:
        before = layer_versions(session, ["villages"])
    _designate(county_store)
    with county_store.read() as session:
        action, subject, after = session.execute(select(Audit.action, Audit.subject, Audit.after)).one()
        versions = layer_versions(session, ["villages"])
    assert (action, subject, after["label"], after["valid_from"]) == (
        "designate",
        VILLAGE,
        "weak",
        "2026-03-01",
    )
    assert versions == {("villages", TOWNSHIP): before["villages", TOWNSHIP] + 1}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPARTMENT])
def test_only_the_department_designates(county_store, role):
    with pytest.raises(PermissionError_):
        _designate(county_store, actor=Actor("somebody", role))
    assert _records(county_store).empty


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"label": VillageLabel.POOR, "cause": None}, RuleError, "经济薄弱村"),
        ({"label": VillageLabel.OLD_REVOLUTIONARY, "cause": None}, RuleError, "革命老区村"),
        ({"label": VillageLabel.ELECTION_PRIORITY}, RuleError, "成因"),
        ({"reason": "  "}, InputError, "理由"),
        ({"reason": "书记 11010519491231002X 缺位"}, InputError, "身份证"),
        ({"village_code": "990101101299"}, InputError, "990101101299"),
        ({"village_code": "9901"}, CodeError, "9901"),
        ({"valid_to": MARCH}, InputError, "截止"),
    ],
)
def test_what_the_rules_forbid_changes_nothing(county_store, changes, error, says):
    with pytest.raises(error, match=says):
        _designate(county_store, **changes)
    assert _records(county_store).empty


@pytest.mark.parametrize(
    ("valid_from", "valid_to"),
    [(MARCH, None), (date(2026, 5, 31), None), (date(2026, 1, 1), date(2026, 3, 2))],
)
def test_periods_of_one_label_do_not_overlap(county_store, valid_from, valid_to):
    _designate(county_store, valid_to=JUNE)
    with pytest.raises(RuleError, match="2026-03-01"):
        _designate(county_store, valid_from=valid_from, valid_to=valid_to)
    assert len(_records(county_store)) == 1


def test_periods_may_meet_and_other_labels_may_overlap(county_store):
    _designate(county_store, valid_to=JUNE)
    _designate(county_store, valid_from=JUNE)
    _designate(county_store, valid_from=date(2026, 1, 1), valid_to=MARCH)
    _designate(county_store, label=VillageLabel.ELECTION_PRIORITY, cause=None)
    assert len(_records(county_store)) == 4


def _end(store, *, actor=SYSTEM, **changes):
    given = {
        "village_code": VILLAGE,
        "label": VillageLabel.WEAK,
        "valid_to": JUNE,
        "reason": "已整改销号",
        "document_no": "安组〔2026〕9号",
        "now": LATER,
    }
    end_designation(store, actor, **(given | changes))


def _known(store, known_at):
    with store.read() as session:
        return designations(session, known_at=known_at)


def test_an_end_is_another_record_and_what_was_known_before_stays(county_store):
    _designate(county_store)
    _end(county_store)
    (row,) = _records(county_store).to_dict("records")
    assert (row["valid_from"], row["valid_to"]) == (MARCH, JUNE)
    assert (row["reason"], row["document_no"]) == ("班子长期不团结", "安组〔2026〕5号")
    assert (row["end_reason"], row["end_document_no"]) == ("已整改销号", "安组〔2026〕9号")
    assert (row["cause"], row["decided_by"]) == ("leadership_split", "system")
    assert _known(county_store, NOW)["valid_to"].tolist() == [None]
    assert _known(county_store, LATER)["valid_to"].tolist() == [JUNE]


def test_who_designated_stays_told_after_somebody_else_ended_it(county_store):
    _designate(county_store, actor=Actor("first", Role.DEPARTMENT))
    _end(county_store, actor=Actor("second", Role.DEPARTMENT))
    (row,) = _records(county_store).to_dict("records")
    assert (row["decided_by"], row["recorded_by"]) == ("first", "second")


def test_an_end_is_audited_and_the_tiles_become_old(county_store):
    _designate(county_store)
    with county_store.read() as session:
        before = layer_versions(session, ["villages"])
    _end(county_store)
    with county_store.read() as session:
        last = session.scalars(select(Audit).order_by(Audit.id.desc())).first()
        versions = layer_versions(session, ["villages"])
    assert (last.action, last.subject, last.reason) == ("designate.end", VILLAGE, "已整改销号")
    assert (last.before["valid_to"], last.after["valid_to"]) == (None, "2026-06-01")
    assert versions == {("villages", TOWNSHIP): before["villages", TOWNSHIP] + 1}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPARTMENT])
def test_only_the_department_ends(county_store, role):
    _designate(county_store)
    with pytest.raises(PermissionError_):
        _end(county_store, actor=Actor("somebody", role))
    assert _records(county_store)["valid_to"].tolist() == [None]


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"valid_to": MARCH}, RuleError, "2026-03-01"),
        ({"valid_to": date.min}, RuleError, "0001-01-01"),
        ({"label": VillageLabel.ELECTION_PRIORITY}, RuleError, "换届重难点村"),
        ({"label": VillageLabel.POOR}, RuleError, "经济薄弱村"),
        ({"reason": " "}, InputError, "理由"),
        ({"village_code": "990101101299"}, InputError, "990101101299"),
        ({"village_code": "9901"}, CodeError, "9901"),
    ],
)
def test_what_cannot_be_ended(county_store, changes, error, says):
    _designate(county_store)
    with pytest.raises(error, match=says):
        _end(county_store, **changes)
    assert _records(county_store)["valid_to"].tolist() == [None]


def test_an_end_may_come_sooner_than_planned_but_not_twice(county_store):
    _designate(county_store, valid_to=date(2026, 12, 31))
    _end(county_store)
    with pytest.raises(RuleError, match="2026-06-01"):
        _end(county_store)
    with pytest.raises(RuleError, match="2026-09-01"):
        _end(county_store, valid_to=date(2026, 9, 1))
    _designate(county_store, valid_from=JUNE)
    _end(county_store, valid_to=date(2026, 9, 1))
    assert sorted(_records(county_store)["valid_to"]) == [JUNE, date(2026, 9, 1)]


def test_a_store_gets_its_county_once(store):
    init_county(store, SYSTEM, code="990101", name="安和县", now=NOW)
    init_county(store, SYSTEM, code="990101", name="安和县(示例)", now=NOW)
    init_county(store, SYSTEM, code="990101", name="安和县(示例)", now=NOW)
    with store.read() as session:
        assert session.execute(select(County.code, County.name)).all() == [("990101", "安和县(示例)")]
        assert len(session.scalars(select(Audit.id)).all()) == 2
    with pytest.raises(RuleError, match="990101"):
        init_county(store, SYSTEM, code="990102", name="别县", now=NOW)


def test_a_county_needs_six_digits_and_the_department(store):
    with pytest.raises(CodeError):
        init_county(store, SYSTEM, code="99010", name="安和县", now=NOW)
    with pytest.raises(PermissionError_):
        init_county(store, Actor("leader", Role.LEADER), code="990101", name="安和县", now=NOW)
