"""Names inside Streamlit's Markdown."""

from __future__ import annotations

from pages.ui.text import named, plain


def test_markup_in_a_name_stays_text():
    assert plain("![x](http://evil)") == r"\!\[x\]\(http\:\/\/evil\)".replace(r"\/", "/")


def test_ordinary_names_stay_as_they_are():
    assert plain("石桥村 3") == "石桥村 3"


def test_details_are_left_out_when_there_are_none():
    assert named("石桥村", "", "") == "石桥村"
    assert named("石桥村", "村", "石桥镇") == "石桥村 :gray[村 · 石桥镇]"
