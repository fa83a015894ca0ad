"""A village's profile (村情) on paper: exactly two A4 pages standing upright, whatever is known.

What has no room is cut where a reader sees it, and the paper says that the whole of it is in the system.
Households are dots only where the profile gives their places; nobody's household is named.
"""

from __future__ import annotations

from datetime import datetime

from geo.exchange.inspection import chinese_day
from geo.exchange.paper_fit import Box
from geo.exchange.paper_flow import UPRIGHT
from geo.exchange.paper_sheet import foot, new_file
from geo.exchange.village_paper.first_page import draw_first
from geo.exchange.village_paper.pictures import ContentOf
from geo.exchange.village_paper.second_page import draw_second
from geo.exchange.village_profile import VillageProfile
from geo.i18n import _

_TOP, _HEIGHT = 30.0, 772.0


def village_profile_pdf(
    profile: VillageProfile, *, made_by: str, made_at: datetime, content_of: ContentOf
) -> bytes:
    """The profile as a PDF; the same profile, maker and time give the same bytes.

    Parameters
    ----------
    made_by : str
        Account that is printed as the maker.
    made_at : datetime
        Time as it should be printed.
    content_of : callable
        Gives the bytes of a picture by its code; of those that are printed only. A preview is enough. What is
        no picture is printed as an empty place that says so.
    """
    told = _("{village}村情 {day}").format(village=profile.name, day=chinese_day(profile.as_of))
    sheet = new_file(told, made_at=made_at, orientation="portrait")
    room = Box(UPRIGHT.left, _TOP, UPRIGHT.width, _HEIGHT)
    sheet.add_page()
    draw_first(sheet, room, profile, made_by=made_by)
    foot(sheet, number=1, of=2, made_by=made_by, made_at=made_at, span=UPRIGHT)
    sheet.add_page()
    draw_second(sheet, room, profile, content_of=content_of)
    foot(sheet, number=2, of=2, made_by=made_by, made_at=made_at, span=UPRIGHT)
    return bytes(sheet.output())
