"""The page of one village in a real browser: read at a glance, kept up to date, taken away on paper."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import delete

from geo.access import SYSTEM
from geo.answers.rectifications import case_table
from geo.operations.attachments import attach, remove_attachment
from geo.store.engine import open_store
from geo.store.village_models import AttachmentContent
from geo.vocabulary import AttachmentUse
from tests.browser.chrome import PATIENCE_MS, Visit
from tests.browser.conftest import NewVisit
from tests.browser.server import Site, running_site
from tests.browser.test_gaps import choose_row

pytestmark = pytest.mark.browser
TODAY = date(2026, 5, 1)


@pytest.fixture(scope="module")
def written_site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of this module's own: its tests write."""
    store = tmp_path_factory.mktemp("profile") / "county.gpkg"
    shutil.copy(sample, store)
    with running_site(store) as site:
        yield site


@pytest.fixture
def site(written_site: Site) -> Site:
    """The server to visit."""
    return written_site


@pytest.fixture
def rectified(site: Site) -> tuple[str, str]:
    """Code of a village, and of a rectification of it."""
    store = open_store(str(site.store))
    cases = case_table(store, SYSTEM, as_of=TODAY)
    store.close()
    case = cases[cases["subject_kind"] == "village"].iloc[0]
    return str(case["village_code"]), str(case["code"])


@pytest.fixture
def pictured(site: Site, rectified: tuple[str, str]) -> tuple[str, str]:
    """Code of a village that has a picture, and the picture's."""
    content = BytesIO()
    Image.new("RGB", (64, 48), "#7a8").save(content, "JPEG")
    store = open_store(str(site.store))
    about = {"use": AttachmentUse.NOW, "village_code": rectified[0], "title": "新建的水渠"}
    picture = attach(
        store, SYSTEM, content=content.getvalue(), filename="水渠.jpg", now=datetime.now(UTC), **about
    )
    store.close()
    return rectified[0], picture


def open_profile(visit: NewVisit, user: str, code: str = "", **options: int) -> Visit:
    seen = visit(**options)
    seen.log_in(user, f"/profile%3Fvillage={code}" if code else "/profile")
    expect(seen.page.locator(".profile-head h1")).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    return seen


def test_a_leader_opens_a_village_from_the_table_and_takes_it_away_on_paper(
    visit: NewVisit, tmp_path: Path
) -> None:
    seen = visit()
    seen.log_in("leader", "/villages")
    opening = seen.page.get_by_role("button", name="打开村情")
    table = seen.page.locator(".st-key-table [data-testid=stDataFrame]")
    choose_row(seen, table, 1, lambda ms: expect(opening).to_be_visible(timeout=ms))
    opening.click()
    name = seen.page.locator(".profile-head h1")
    expect(name).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    assert re.search(r"/profile\?village=\d{12}$", seen.page.url)

    download = seen.download(seen.page.get_by_role("button", name="打印"))
    target = tmp_path / "village.pdf"
    download.save_as(target)
    assert target.read_bytes().startswith(b"%PDF-")
    assert name.inner_text() in download.suggested_filename

    seen.page.get_by_role("button", name="在地图上看").click()
    seen.wait_for_map()
    assert "/profile" not in seen.page.url


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_what_matters_most_is_seen_without_scrolling(
    visit: NewVisit, rectified: tuple[str, str], width: int, height: int
) -> None:
    seen = open_profile(visit, "leader", rectified[0], width=width, height=height)
    page = seen.page
    for title in ("示意图", "主要问题", "标签与理由", "五级责任", "驻村工作组"):
        box = page.get_by_role("heading", name=title, exact=True).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < height
    picture = page.locator("img.village-map")
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_rectification_is_opened_from_the_village(visit: NewVisit, rectified: tuple[str, str]) -> None:
    village, case = rectified
    seen = open_profile(visit, "leader", village)
    seen.page.locator(f".st-key-open_{case} button").click()
    seen.page.wait_for_url(re.compile(rf"/rectify\?case={case}"), timeout=PATIENCE_MS)


def test_a_resident_cadre_writes_down_the_main_problem_of_the_own_village(visit: NewVisit) -> None:
    seen = open_profile(visit, "resident")
    seen.page.locator(".st-key-write_main_problem button").click()
    dialog = seen.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("村口水渠<失修>，两年没有清淤。")
    dialog.get_by_role("button", name="保存").click()
    problem = seen.page.locator(".st-key-text_main_problem")
    expect(problem).to_contain_text("村口水渠<失修>，两年没有清淤。", timeout=PATIENCE_MS)
    expect(problem).to_contain_text("resident 写于")


def test_a_picture_that_was_taken_away_meanwhile_does_not_keep_paper_from_being_made(
    visit: NewVisit, site: Site, pictured: tuple[str, str]
) -> None:
    village, picture = pictured
    seen = open_profile(visit, "department", village)
    expect(seen.page.get_by_alt_text("新建的水渠")).to_be_visible()
    store = open_store(str(site.store))
    remove_attachment(store, SYSTEM, picture, reason="拍错了村", now=datetime.now(UTC))
    store.close()
    assert seen.download(seen.page.get_by_role("button", name="打印")).failure() is None


def test_a_file_that_cannot_be_made_is_told_of_in_the_language_of_the_page(
    visit: NewVisit, site: Site, pictured: tuple[str, str]
) -> None:
    seen = open_profile(visit, "department", pictured[0])
    seen.page.get_by_alt_text("新建的水渠").scroll_into_view_if_needed()
    seen.page.wait_for_function(
        "[...document.querySelectorAll('.gallery img')].every(image => image.naturalWidth)",
        timeout=PATIENCE_MS,
    )
    store = open_store(str(site.store))
    with store.write() as session:
        session.execute(delete(AttachmentContent))
    store.close()
    seen.page.get_by_role("button", name="打印").click()
    told = seen.page.get_by_test_id("stDownloadButtonError")
    expect(told).to_be_visible(timeout=PATIENCE_MS)
    said = told.evaluate("mark => getComputedStyle(mark, '::after').content")
    assert "没有生成文件。请刷新页面后再试" in said
    assert told.evaluate("mark => getComputedStyle(mark).fontSize") == "0px"


def test_a_village_out_of_scope_is_refused(visit: NewVisit) -> None:
    seen = visit()
    seen.log_in("resident", "/profile%3Fvillage=990101999999")
    expect(seen.page.get_by_test_id("stAlert")).to_contain_text("无权查看", timeout=PATIENCE_MS)
