"""Pictures on a page: in groups, with their days, and nothing of what people wrote is read as markup."""

from __future__ import annotations

import re
from datetime import date

from geo.exchange.village_profile import Picture
from pages.ui.files import gallery_html


def picture(code: str, use: str, *, title: str = "村口", day: date | None = None, kind: str = "image/jpeg"):
    return Picture(code, use, title, day, kind, 640, 480, 1000)


def test_no_pictures_give_nothing():
    assert gallery_html([]) == ""


def test_then_and_now_stand_side_by_side_before_the_sheets():
    pictures = [
        picture("a", "then", day=date(2020, 5, 1)),
        picture("b", "now"),
        picture("c", "now"),
        picture("d", "programme_plan", kind="application/pdf"),
    ]
    html = gallery_html(pictures)
    pair, others = html.split("<section><h4>实施方案图")
    assert re.findall(r'src="/attachment/(\w)\?preview=1"', pair) == ["a", "b", "c"]
    assert re.findall(r'href="/attachment/(\w)" target="_blank"', others) == ["d"]
    assert ("2020-05-01" in pair, "PDF" in pair, ">PDF<" in others) == (True, False, True)
    assert re.findall("<h4>(.*?)</h4>", html) == ["旧貌", "新颜", "实施方案图"]


def test_a_title_is_text_and_nothing_else():
    html = gallery_html([picture('x"><script>', "now", title='"><img src=x onerror=alert(1)>')])
    assert html.count("<img") == 1
    assert "<script" not in html
    assert 'alt="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"' in html
