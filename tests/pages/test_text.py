"""Names inside Streamlit's Markdown."""

from __future__ import annotations

from geo.errors import FileFault
from geo.exchange.report import Fault, ImportReport
from pages.ui.importing import show_report
from pages.ui.text import named, plain
from pages.web.errors import show_script_error


def test_markup_in_a_name_stays_text():
    assert plain("![x](http://evil)") == r"\!\[x\]\(http\:\/\/evil\)".replace(r"\/", "/")


def test_ordinary_names_stay_as_they_are():
    assert plain("石桥村 3") == "石桥村 3"


def test_details_are_left_out_when_there_are_none():
    assert named("石桥村", "", "") == "石桥村"
    assert named("石桥村", "村", "石桥镇") == "石桥村 :gray[村 · 石桥镇]"


def test_messages_about_what_came_in_stay_text(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr("streamlit.error", said.append)
    link = "[x](http://evil)"
    show_script_error(FileFault(f"文件“{link}”无法读取。", hint=link))
    show_report(ImportReport("villages", 1, faults=[Fault(1, "code", "bad", link)]))
    assert len(said) == 2
    for text in said:
        assert plain(link) in text
        assert link not in text
