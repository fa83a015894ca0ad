"""The part of the one table that is about pictures, evidence and texts of villages."""

from __future__ import annotations

from geo.access import SYSTEM, Actor
from geo.answers import attachments as shown
from geo.answers import village_texts as texts_shown
from geo.operations import attachments, village_texts
from geo.store.engine import Store
from geo.vocabulary import AttachmentUse, TextKind
from tests.security.matrix_county import MARKS, NOW, VILLAGES
from tests.security.matrix_rectification import case_of, in_work
from tests.security.matrix_table import PERSONAL, Deed, Question
from tests.uploaded import photo

SMALL, OTHER_SMALL = photo(16, 12), photo(16, 12, seed=2)


def hang_files(store: Store) -> None:
    """A picture and a text of each village; evidence is there already."""
    for village in VILLAGES:
        _bring(store, SYSTEM, village)
        _write(store, SYSTEM, village, TextKind.MAIN_PROBLEM)


def _bring(store: Store, actor: Actor, village: str, content: bytes = SMALL) -> str:
    return attachments.attach(
        store,
        actor,
        content=content,
        filename=f"{MARKS[village]}村口.jpg",
        use=AttachmentUse.NOW,
        village_code=village,
        now=NOW,
    )


def _prove(store: Store, actor: Actor, village: str) -> str:
    return attachments.attach(
        store,
        actor,
        content=SMALL,
        filename="现场.jpg",
        use=AttachmentUse.EVIDENCE,
        case_code=case_of(store, in_work(village)),
        task_number=1,
        now=NOW,
    )


def _write(store: Store, actor: Actor, village: str, kind: TextKind = TextKind.STRENGTHS) -> None:
    village_texts.write_text(store, actor, village, kind, f"{MARKS[village]}情况", now=NOW)


def _picture_of(store: Store, village: str) -> str:
    return shown.pictures(store, SYSTEM, village)[0].code


def _evidence_of(store: Store, village: str) -> str:
    return str(shown.evidence_table(store, SYSTEM, case_of(store, in_work(village)))["code"].iloc[0])


FILE_DEEDS: dict[str, Deed] = {
    "bring a picture": Deed(
        "attachments.attach",
        lambda store, actor, village: _bring(store, actor, village, OTHER_SMALL),
        PERSONAL,
    ),
    "bring evidence": Deed("attachments.attach", _prove, PERSONAL),
    "take a picture away": Deed(
        "attachments.remove_attachment",
        lambda store, actor, village: attachments.remove_attachment(
            store, actor, _picture_of(store, village), reason="误传", now=NOW
        ),
        PERSONAL,
    ),
    "take evidence away": Deed(
        "attachments.remove_attachment",
        lambda store, actor, village: attachments.remove_attachment(
            store, actor, _evidence_of(store, village), reason="误传", now=NOW
        ),
        PERSONAL,
    ),
    "write a text": Deed("village_texts.write_text", _write, PERSONAL),
}
FILE_QUESTIONS: dict[str, Question] = {
    "pictures of a village": Question("attachments.pictures", shown.pictures),
    "evidence of a rectification": Question(
        "attachments.evidence_table",
        lambda store, actor, village: shown.evidence_table(store, actor, case_of(store, in_work(village))),
    ),
    "texts of a village": Question("village_texts.text_lines", texts_shown.text_lines),
}
FILE_MATTERS = {
    "attachments.attachment_content": "what is out of sight is told as what is not there: `test_uploads`",
}
"""What answers in a way of its own; it has tests of its own."""
