"""Signing in, the account menu, the village table and the data page, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.browser.chrome import PATIENCE_MS, Visit
from tests.browser.conftest import NewVisit
from tests.browser.server import password_of

pytestmark = pytest.mark.browser
CHINESE = re.compile("[\u4e00-\u9fff]")


def open_page(visit: NewVisit, title: str, user: str = "department") -> Visit:
    seen = visit()
    seen.log_in(user)
    seen.open_listed(title)
    return seen


def account_menu(seen: Visit) -> None:
    seen.page.locator(".st-key-account [data-testid=stPopoverButton]").click()


def test_signing_in_needs_no_mouse(visit: NewVisit) -> None:
    seen = visit()
    seen.page.goto(seen.site.url)
    expect(seen.page.locator("#user")).to_be_focused()
    seen.page.keyboard.type("leader")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.type(password_of("leader"))
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator(".bar-title")).to_be_visible(timeout=PATIENCE_MS)
    expect(seen.page.locator(".st-key-account [data-testid=stPopoverButton]")).to_contain_text("县级领导")


def test_signing_out_ends_the_session(visit: NewVisit) -> None:
    seen = visit()
    seen.log_in("auditor")
    account_menu(seen)
    seen.page.get_by_role("button", name="退出登录").click()
    expect(seen.page.locator("#user")).to_be_visible(timeout=PATIENCE_MS)
    seen.page.goto(seen.site.url)
    expect(seen.page.locator("#user")).to_be_visible(timeout=PATIENCE_MS)


def test_nothing_of_streamlit_shows(visit: NewVisit) -> None:
    seen = visit()
    seen.log_in("department")
    seen.wait_for_map()
    for part in ("stToolbar", "stMainMenu", "stStatusWidget", "stSidebar", "stDecoration"):
        expect(seen.page.get_by_test_id(part).locator("visible=true")).to_have_count(0)


def test_in_english_only_names_stay_chinese(visit: NewVisit) -> None:
    seen = visit()
    seen.log_in("department")
    seen.wait_for_map()
    account_menu(seen)
    seen.page.get_by_role("link", name="English").click()
    expect(seen.page.get_by_role("radio").first).not_to_contain_text(CHINESE, timeout=PATIENCE_MS)
    seen.wait_for_map()
    for part in (".figures", ".st-key-filters", ".st-key-side h3", ".st-key-side dt"):
        for text in seen.page.locator(part).all_inner_texts():
            assert not CHINESE.search(text), text
    legend = seen.map.locator(".map-legend").inner_text()
    assert not CHINESE.search(legend), legend


def test_the_village_table_is_filtered_and_taken_away(visit: NewVisit, tmp_path: Path) -> None:
    seen = open_page(visit, "村庄")
    expect(seen.page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE_MS)
    expect(seen.page.locator(".figures")).to_contain_text("60", timeout=PATIENCE_MS)
    seen.page.get_by_role("combobox", name="标签").click()
    seen.page.get_by_role("option", name="空壳村").click()
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator(".figures > div").first).not_to_contain_text("60", timeout=PATIENCE_MS)
    shown = int(seen.page.locator(".figures .value").first.inner_text())
    download = seen.download(seen.page.get_by_role("button", name="下载 CSV"))
    download.save_as(tmp_path / "villages.csv")
    table = pd.read_csv(tmp_path / "villages.csv", dtype=str)
    assert len(table) == shown
    assert table["标签"].str.contains("空壳村").all()


def test_a_file_is_checked_then_written(visit: NewVisit, tmp_path: Path) -> None:
    units = pd.DataFrame({"代码": ["T-1", "T-2"], "名称": ["测试一局", "测试二局"]})
    units.to_csv(tmp_path / "单位.csv", index=False)
    seen = open_page(visit, "数据")
    seen.page.get_by_role("combobox", name="图层").click()
    seen.page.get_by_role("option", name="单位", exact=True).click()
    seen.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(tmp_path / "单位.csv")
    expect(seen.page.get_by_role("button", name="检查")).to_be_enabled(timeout=PATIENCE_MS)
    seen.page.get_by_role("button", name="检查").click()
    added = seen.page.locator(".counts > div", has_text="新增").locator(".value")
    expect(added).to_have_text("2", timeout=PATIENCE_MS)
    seen.page.get_by_role("button", name="确认写入").click()
    expect(seen.page.get_by_test_id("stAlert").first).to_contain_text("新增 2", timeout=PATIENCE_MS)


def test_a_faulty_file_says_which_rows(visit: NewVisit, tmp_path: Path) -> None:
    pd.DataFrame({"代码": ["T-8", "T-8"], "名称": ["甲局", "乙局"]}).to_csv(tmp_path / "u.csv", index=False)
    seen = open_page(visit, "数据")
    seen.page.get_by_role("combobox", name="图层").click()
    seen.page.get_by_role("option", name="单位", exact=True).click()
    seen.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(tmp_path / "u.csv")
    expect(seen.page.get_by_role("button", name="检查")).to_be_enabled(timeout=PATIENCE_MS)
    seen.page.get_by_role("button", name="检查").click()
    faulty = seen.page.locator(".counts > div", has_text="有问题").locator(".value")
    expect(faulty).not_to_have_text("0", timeout=PATIENCE_MS)
    expect(seen.page.get_by_role("button", name="确认写入")).to_be_disabled()


def test_readers_are_not_offered_an_import(visit: NewVisit) -> None:
    seen = open_page(visit, "数据", "auditor")
    download = seen.download(seen.page.get_by_role("button", name="下载"))
    assert download.suggested_filename.startswith("townships-")
    seen.page.get_by_role("radio", name="导入").click()
    expect(seen.page.locator(".empty")).to_contain_text("不能导入", timeout=PATIENCE_MS)
