"""Pictures, documents and evidence: brought, shown, taken away, on both databases."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from geo.answers.attachments import attachment_content, evidence_table, pictures
from geo.errors import CodeError, FileFault, InputError, PermissionError_, RuleError, TransitionError
from geo.operations.attachments import attach, remove_attachment
from geo.store.attachments import damaged_attachments
from geo.store.backup import backup_store, restore_store, verify_store
from geo.store.models import Audit
from geo.store.versions import layer_versions
from geo.store.village_models import Attachment, AttachmentContent
from geo.vocabulary import AttachmentUse
from tests import rectifying, uploaded
from tests.analysis_frames import TOWNSHIP, A, B
from tests.answers_store import COORDINATOR, DEPARTMENT, ELSEWHERE, LEADER, RESIDENT_OF_A, fill

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
PHOTO = uploaded.photo()


@pytest.fixture
def tiny(store):
    return fill(store)


@pytest.fixture
def case(store):
    """A store with a case that is being worked on, and the case's code."""
    county = rectifying.county(store)
    return county, rectifying.working(county)


def bring(store, *, actor=RESIDENT_OF_A, **changes):
    given = {
        "content": PHOTO,
        "filename": "村口.jpg",
        "use": AttachmentUse.NOW,
        "village_code": A,
        "now": NOW,
    }
    return attach(store, actor, **(given | changes))


def evidence(store, code, *, actor=RESIDENT_OF_A, number=1, **changes):
    about = {"use": AttachmentUse.EVIDENCE, "village_code": None, "case_code": code, "task_number": number}
    return bring(store, actor=actor, **(about | changes))


def kept(store):
    """How many bodies the store keeps."""
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(AttachmentContent))


def test_a_picture_is_kept_as_a_jpeg_and_listed(tiny):
    code = bring(tiny, taken_on=date(2026, 6, 1))
    (shown,) = pictures(tiny, RESIDENT_OF_A, A)
    assert (shown.code, shown.use, shown.title) == (code, "now", "村口")
    assert (shown.taken_on, shown.width, shown.height) == (date(2026, 6, 1), 640, 480)
    media_type, content = attachment_content(tiny, LEADER, code)
    assert (media_type, len(content)) == ("image/jpeg", shown.size_bytes)
    assert content != PHOTO
    small = Image.open(BytesIO(attachment_content(tiny, LEADER, code, preview=True)[1]))
    assert (small.format, small.size) == ("JPEG", (480, 360))


def test_it_is_audited_and_counted_as_a_change(tiny):
    code = bring(tiny)
    with tiny.read() as session:
        told = session.scalars(select(Audit).where(Audit.subject == code)).one()
        assert layer_versions(session, ["attachments"])[("attachments", TOWNSHIP)] == 1
    assert (told.action, told.user) == ("attachment.add", "resident")
    assert told.after["village_code"] == A
    assert told.after["sha256"] == hashlib.sha256(attachment_content(tiny, LEADER, code)[1]).hexdigest()


def test_a_document_has_pages_and_a_preview(tiny):
    code = bring(tiny, content=uploaded.pdf(pages=2), use=AttachmentUse.PROGRAMME_PLAN, filename="a/方案.pdf")
    (shown,) = pictures(tiny, LEADER, A)
    assert (shown.media_type, shown.title, shown.width) == ("application/pdf", "方案", None)
    assert attachment_content(tiny, LEADER, code)[1].startswith(b"%PDF-")
    assert attachment_content(tiny, LEADER, code, preview=True)[0] == "image/jpeg"


def test_a_photo_is_asked_for_where_then_and_now_are_compared(tiny):
    with pytest.raises(FileFault, match="只能是照片"):
        bring(tiny, content=uploaded.pdf(), use=AttachmentUse.THEN)
    assert kept(tiny) == 0


def test_pictures_come_by_use_and_day_and_not_before_they_were_taken(tiny):
    for use, day, seed in (
        (AttachmentUse.PRESENT_STATE, None, 1),
        (AttachmentUse.NOW, date(2026, 6, 1), 2),
        (AttachmentUse.NOW, date(2025, 6, 1), 3),
        (AttachmentUse.THEN, date(2020, 6, 1), 4),
    ):
        bring(tiny, content=uploaded.photo(seed=seed), use=use, taken_on=day)
    told = [(shown.use, shown.taken_on) for shown in pictures(tiny, LEADER, A)]
    assert told == [
        ("then", date(2020, 6, 1)),
        ("now", date(2025, 6, 1)),
        ("now", date(2026, 6, 1)),
        ("present_state", None),
    ]
    earlier = [shown.use for shown in pictures(tiny, LEADER, A, as_of=date(2026, 1, 1))]
    assert earlier == ["then", "now", "present_state"]
    assert pictures(tiny, LEADER, A, known_at=NOW - timedelta(days=1)) == ()


def test_the_same_file_is_refused_in_the_same_place_only(tiny):
    bring(tiny)
    with pytest.raises(RuleError, match="已经上传过"):
        bring(tiny, title="换个名字")
    bring(tiny, use=AttachmentUse.THEN)
    bring(tiny, actor=COORDINATOR, village_code=B)
    assert kept(tiny) == 1


def test_bytes_go_with_the_last_that_needs_them(tiny):
    first, second = bring(tiny), bring(tiny, use=AttachmentUse.THEN)
    remove_attachment(tiny, COORDINATOR, first, reason="不是本村", now=NOW)
    assert kept(tiny) == 1
    remove_attachment(tiny, COORDINATOR, second, reason="不是本村", now=NOW)
    assert kept(tiny) == 0
    assert pictures(tiny, LEADER, A) == ()
    with tiny.read() as session:
        gone = session.scalars(select(Attachment).where(Attachment.code == first)).one()
        told = session.scalars(select(Audit).where(Audit.action == "attachment.remove")).first()
    assert (gone.removed_by, gone.superseded_at) == ("coordinator", NOW)
    assert told.reason == "不是本村"
    with pytest.raises(CodeError):
        remove_attachment(tiny, COORDINATOR, first, reason="再删一次", now=NOW)
    bring(tiny)
    assert kept(tiny) == 1


def test_taking_away_needs_a_reason(tiny):
    code = bring(tiny)
    with pytest.raises(InputError, match="事由"):
        remove_attachment(tiny, COORDINATOR, code, reason="  ", now=NOW)
    assert len(pictures(tiny, LEADER, A)) == 1


@pytest.mark.parametrize("actor", [LEADER, ELSEWHERE], ids=["leader", "other township"])
def test_who_may_not_bring_it_is_refused_before_anything_is_decoded(tiny, actor):
    with pytest.raises(PermissionError_):
        bring(tiny, actor=actor, content=b"no picture at all")
    code = bring(tiny)
    with pytest.raises(PermissionError_):
        remove_attachment(tiny, actor, code, reason="误传", now=NOW)


def test_a_resident_cadre_works_in_the_own_village_only(tiny):
    with pytest.raises(PermissionError_):
        bring(tiny, village_code=B)
    with pytest.raises(PermissionError_):
        pictures(tiny, RESIDENT_OF_A, B)


def test_what_is_not_there_and_what_is_out_of_sight_are_told_alike(tiny):
    code = bring(tiny)
    told = []
    for actor, asked in (
        (ELSEWHERE, code),
        (ELSEWHERE, "20260101T000000000-file-00000000"),
        (LEADER, "a\0b"),
    ):
        with pytest.raises(CodeError) as refusal:
            attachment_content(tiny, actor, asked)
        told.append(str(refusal.value))
    assert len(set(told)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"village_code": "990101101999"},
        {"village_code": None},
        {"case_code": "nowhere"},
        {"use": AttachmentUse.EVIDENCE},
        {"taken_on": NOW.date() + timedelta(days=2)},
    ],
    ids=["no such village", "no village", "a case for a picture", "no case for evidence", "tomorrow"],
)
def test_it_must_belong_somewhere_and_have_happened(tiny, changes):
    with pytest.raises(InputError):
        bring(tiny, actor=DEPARTMENT, **changes)
    assert kept(tiny) == 0


def test_a_title_shows_what_it_says_on_one_line(tiny):
    bring(tiny, title="村口\u202egpj.exe\x00\r\n<b>新</b>" + "长" * 200)
    (shown,) = pictures(tiny, LEADER, A)
    assert shown.title.startswith("村口gpj.exe <b>新</b>长")
    assert len(shown.title) == 120
    bring(tiny, filename="../.jpg", use=AttachmentUse.THEN)
    assert pictures(tiny, LEADER, A)[0].title == "jpg"


def test_evidence_belongs_to_a_task_and_lies_in_its_village(case):
    store, code = case
    file = evidence(store, code)
    (row,) = evidence_table(store, LEADER, code).to_dict("records")
    assert (row["code"], row["task_number"], row["recorded_by"]) == (file, 1, "resident")
    assert pictures(store, LEADER, A) == ()
    assert attachment_content(store, RESIDENT_OF_A, file)[0] == "image/jpeg"
    with store.read() as session:
        assert layer_versions(session, ["attachments"]) == {}
    with pytest.raises(PermissionError_):
        evidence_table(store, ELSEWHERE, code)
    with pytest.raises(InputError, match="第 7 项"):
        evidence(store, code, number=7)
    with pytest.raises(InputError):
        evidence(store, "nowhere")
    with pytest.raises(PermissionError_):
        evidence(store, code, actor=ELSEWHERE)


def test_what_is_being_checked_stays_as_it_is(store):
    county = rectifying.county(store)
    code = rectifying.requested(county)
    (file,) = evidence_table(county, LEADER, code)["code"]
    with pytest.raises(TransitionError):
        evidence(county, code)
    with pytest.raises(TransitionError):
        remove_attachment(county, RESIDENT_OF_A, file, reason="换一张", now=NOW)


def test_changed_and_missing_bytes_are_found(tiny):
    first = bring(tiny)
    bring(tiny, content=uploaded.photo(seed=2))
    assert verify_store(tiny).damaged == 0
    with tiny.write() as session:
        hashed = session.scalar(select(Attachment.sha256).where(Attachment.code == first))
        body = session.scalars(select(AttachmentContent).where(AttachmentContent.sha256 == hashed)).one()
        body.content = b"changed"
    check = verify_store(tiny)
    assert (check.damaged, check.is_sound) == (1, False)
    with tiny.write() as session:
        session.delete(
            session.scalars(select(AttachmentContent).where(AttachmentContent.sha256 == hashed)).one()
        )
        assert damaged_attachments(session) == 1


def test_a_backup_brings_pictures_back(gpkg_store, tmp_path):
    fill(gpkg_store)
    code = bring(gpkg_store)
    before = attachment_content(gpkg_store, LEADER, code)
    backup_store(gpkg_store, tmp_path / "copy.gpkg")
    remove_attachment(gpkg_store, COORDINATOR, code, reason="误删", now=NOW)
    restore_store(tmp_path / "copy.gpkg", str(gpkg_store.path))
    assert attachment_content(gpkg_store, LEADER, code) == before
    assert verify_store(gpkg_store).is_sound


def test_a_title_with_an_identity_number_is_refused(tiny):
    with pytest.raises(InputError, match="身份证"):
        bring(tiny, title="证件 11010519491231002X")
    assert pictures(tiny, LEADER, A) == ()
