"""Writing what is known and planned of a village: strengths, main problem, plans, notes to its sheets."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from sqlalchemy.orm import Session

from geo.access import Actor, require_record
from geo.codes import township_of
from geo.errors import ConflictError, InputError, OthersChange
from geo.exchange.check import require_no_national_id
from geo.i18n import _
from geo.operations.rules_now import day_of, rules_on
from geo.store.audit import record
from geo.store.engine import Store
from geo.store.records import lock_writers
from geo.store.rows import village_exists
from geo.store.texts import standing_text, supersede_text
from geo.store.types import as_utc
from geo.store.versions import bump
from geo.store.village_models import VillageText
from geo.vocabulary import TextKind, label_of

LAYER = "texts"
"""Under this name a text that was written counts as a new version of the data."""
_NEEDS_YEAR = (TextKind.YEARLY_PLAN,)
_MAY_HAVE_YEAR = (TextKind.THREE_YEAR_PLAN,)
_FIRST_YEAR, _LAST_YEAR = 1949, 2100


def write_text(
    store: Store,
    actor: Actor,
    village_code: str,
    kind: TextKind,
    body: str,
    *,
    year: int = 0,
    now: datetime,
    seen: datetime | None = None,
) -> None:
    """Write a text of a village in the place of the one before, which stays on record; "" takes it away.

    Parameters
    ----------
    year : int
        Of a yearly plan its year; of a three-year plan the first one, or 0; 0 for every other text.
    seen : datetime or None
        When the wording was recorded that this one replaces; None: there was none.

    Raises
    ------
    PermissionError_
        The actor may not record the work of this village.
    InputError
        There is no such village, the year does not fit the kind, or the text is too long.
    ConflictError
        Somebody has written another wording meanwhile.
    """
    with store.write() as session:
        write_text_in(session, actor, village_code, kind, body, year=year, now=now, seen=seen)


def write_text_in(
    session: Session,
    actor: Actor,
    village_code: str,
    kind: TextKind,
    body: str,
    *,
    year: int = 0,
    now: datetime,
    seen: datetime | None = None,
) -> None:
    """As `write_text`, within somebody else's transaction."""
    require_record(actor, village_code)
    _require_year(kind, year)
    lock_writers(session)
    if not village_exists(session, village_code):
        raise InputError(_("没有代码为 {code} 的村。").format(code=village_code))
    said = _clean(session, body, now)
    held = standing_text(session, village_code, str(kind), year)
    _require_seen(held, seen)
    if said == (held.body if held else ""):
        return
    made = {"recorded_at": now, "recorded_by": actor.user}
    new = VillageText(village_code=village_code, kind=str(kind), year=year, body=said, **made)
    supersede_text(session, held, new if said else None, now=now)
    told = {"kind": str(kind), "year": year, "characters": len(said)}
    record(session, actor, "village.text", now=now, subject=village_code, after=told)
    bump(session, LAYER, [township_of(village_code)])


def plain_text(text: str) -> str:
    """A text with its lines, without other control characters and those that turn the direction of reading.

    >>> plain_text(" a\\r\\nb\\x00\\u202ec  ")
    'a\\nbc'
    """
    lines = unicodedata.normalize("NFC", text).splitlines()
    visible = (
        "".join(char for char in line.replace("\t", " ") if not unicodedata.category(char).startswith("C"))
        for line in lines
    )
    return "\n".join(line.rstrip() for line in visible).strip()


def _clean(session: Session, body: str, now: datetime) -> str:
    said = plain_text(body)
    most = int(rules_on(session, day_of(now))["village_text_characters_max"].value)
    if len(said) > most:
        raise InputError(
            _("文字有 {length} 字，最多 {most} 字。").format(length=len(said), most=most),
            hint=_("请精简后再保存。"),
        )
    require_no_national_id(said)
    return said


def _require_year(kind: TextKind, year: int) -> None:
    if year == 0 and kind not in _NEEDS_YEAR:
        return
    if kind not in (*_NEEDS_YEAR, *_MAY_HAVE_YEAR):
        raise InputError(_("“{kind}”不分年度。").format(kind=label_of(kind)))
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise InputError(_("请填写“{kind}”的年度。").format(kind=label_of(kind)))


def _require_seen(held: VillageText | None, seen: datetime | None) -> None:
    if (held.recorded_at if held else None) == (as_utc(seen) if seen else None):
        return
    others = [OthersChange(held.village_code, user=held.recorded_by, at=held.recorded_at)] if held else []
    raise ConflictError(
        _("这段文字刚刚被别人改过。"), hint=_("请核对最新内容后再保存；您填写的内容仍在。"), others=others
    )
