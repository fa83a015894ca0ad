"""Registers and accounts in a real browser: a cadre comes, another leaves; looking as another account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from geo.store.engine import open_store
from geo.store.models import Audit, Responsibility
from tests.browser.chrome import PATIENCE_MS, Visit
from tests.browser.conftest import NewVisit
from tests.browser.server import Site, make_sample, running_site

pytestmark = pytest.mark.browser
ROW_PX, HEAD_PX, CHECKBOX_PX = 33, 35, 15
OWN_PASSWORD = "quiet water runs deep"
# While Streamlit exchanges one form for another both are there for a moment.
FRESH_FORM = """() => {
  const reasons = document.querySelectorAll('[aria-label="事由 *"]');
  return reasons.length === 1 && reasons[0].value === "";
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of this module's own: what is retired here is missed by nobody else."""
    store = tmp_path_factory.mktemp("register") / "county.gpkg"
    make_sample(store, villages=24, households=1_500)
    with running_site(store) as running:
        yield running


def open_page(visit: NewVisit, title: str, user: str = "department") -> Visit:
    seen = visit()
    seen.log_in(user)
    if title == "账号":
        seen.open_more()
    seen.page.get_by_role("link", name=title, exact=True).click()
    expect(table(seen)).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    return seen


def table(seen: Visit) -> Locator:
    return seen.page.locator(".st-key-table [data-testid=stDataFrame]")


def choose_row(seen: Visit, number: int = 0) -> None:
    """Tick a row of the table, which is a canvas, and wait for what opens at the side."""
    box = table(seen).bounding_box()
    assert box is not None
    seen.page.mouse.click(box["x"] + CHECKBOX_PX, box["y"] + HEAD_PX + ROW_PX * number + 18)
    expect(side(seen).locator("h2")).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()


def side(seen: Visit) -> Locator:
    return seen.page.locator(".st-key-side")


def fill(seen: Visit, label: str, text: str) -> None:
    seen.page.get_by_label(label, exact=True).fill(text)


def find(seen: Visit, text: str) -> None:
    """Filter the table by a text and open the first row."""
    seen.page.get_by_label("筛选", exact=True).fill(text)
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator(".counted")).to_have_text("共 1 条", timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    choose_row(seen)


def said(seen: Visit, text: str) -> None:
    expect(seen.page.get_by_test_id("stAlert").filter(has_text=text).first).to_be_visible(timeout=PATIENCE_MS)


def held(site: Site, officer: str) -> list[str]:
    store = open_store(str(site.store))
    with store.read() as session:
        standing = select(Responsibility.target_code).where(
            Responsibility.holder_code == officer,
            Responsibility.superseded_at.is_(None),
            Responsibility.valid_to.is_(None),
        )
        found = list(session.scalars(standing))
    store.close()
    return found


def an_officer(site: Site) -> str:
    """Somebody who is a grid officer and nothing else."""
    store = open_store(str(site.store))
    with store.read() as session:
        rows = session.execute(
            select(Responsibility.holder_code, Responsibility.kind).where(
                Responsibility.superseded_at.is_(None), Responsibility.valid_to.is_(None)
            )
        ).all()
    store.close()
    others = {holder for holder, kind in rows if kind != "grid_officer"}
    return sorted({holder for holder, _kind in rows} - others)[0]


def test_a_cadre_comes_is_corrected_and_another_leaves(visit: NewVisit, site: Site) -> None:
    seen = open_page(visit, "名册")
    seen.page.get_by_role("button", name="新增干部").click()
    fill(seen, "姓名 *", "李新到")
    fill(seen, "职务", "网格员")
    fill(seen, "事由 *", "新到岗")
    seen.page.keyboard.press("Enter")
    said(seen, "已保存")
    expect(side(seen)).to_contain_text("李新到")

    fill(seen, "职务", "网格站长")
    seen.page.get_by_role("button", name="保存更正").click()
    said(seen, "请填写事由")
    expect(seen.page.get_by_label("职务", exact=True)).to_have_value("网格站长")
    fill(seen, "事由 *", "任命")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_function(FRESH_FORM, timeout=PATIENCE_MS)
    seen.page.get_by_role("radio", name="变更记录").click()
    expect(side(seen)).to_contain_text("任命", timeout=PATIENCE_MS)

    leaving = an_officer(site)
    find(seen, leaving)
    seen.page.get_by_role("button", name="停用…").click()
    dialog = seen.page.get_by_role("dialog")
    expect(dialog).to_contain_text("请先办理交接", timeout=PATIENCE_MS)
    dialog.get_by_label("事由 *", exact=True).fill("退休")
    dialog.get_by_role("button", name="停用", exact=True).click()
    said(seen, "须先交接或确认")
    assert held(site, leaving)
    dialog.get_by_text("我已了解后果").click()
    dialog.get_by_role("button", name="停用", exact=True).click()
    said(seen, "已停用")
    assert held(site, leaving) == []


def test_leaving_leads_to_handing_over(visit: NewVisit, site: Site) -> None:
    seen = open_page(visit, "名册")
    leaving = an_officer(site)
    find(seen, leaving)
    seen.page.get_by_role("button", name="停用…").click()
    seen.page.get_by_role("dialog").get_by_role("button", name="去办理交接").click()
    seen.page.wait_for_url(f"**/holder?holder={leaving}", timeout=PATIENCE_MS)
    expect(seen.page.get_by_role("tab", name="移交")).to_be_visible(timeout=PATIENCE_MS)


def test_personal_fields_are_shown_for_a_reason_only(visit: NewVisit, site: Site) -> None:
    seen = open_page(visit, "名册", "coordinator")
    seen.page.get_by_role("radio", name="户", exact=True).click()
    expect(seen.page.get_by_role("button", name="新增户")).to_be_visible(timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    choose_row(seen)
    head = seen.page.get_by_label("户主", exact=True)
    expect(head).to_have_value("")
    fill(seen, "查看个人信息的事由", "入户走访")
    seen.page.keyboard.press("Enter")
    expect(seen.page.get_by_label("查看个人信息的事由", exact=True)).to_have_count(0, timeout=PATIENCE_MS)
    seen.wait_until_quiet()
    expect(head).not_to_have_value("", timeout=PATIENCE_MS)
    store = open_store(str(site.store))
    with store.read() as session:
        noted = session.scalars(select(Audit).where(Audit.action == "personal.unmask")).all()
    store.close()
    assert [(row.user, row.reason) for row in noted] == [("coordinator", "入户走访")]


def test_an_account_is_made_and_its_password_is_good_once(visit: NewVisit) -> None:
    seen = open_page(visit, "账号")
    seen.page.get_by_role("button", name="新建账号").click()
    fill(seen, "用户名 *", "zhao.min")
    seen.page.get_by_role("combobox", name="权限范围（乡镇或村）*").click()
    seen.page.get_by_role("option").first.click()
    seen.page.keyboard.press("Escape")
    side(seen).get_by_role("button", name="新建", exact=True).click()
    password = side(seen).locator("code").inner_text(timeout=PATIENCE_MS)

    comer = visit()
    page = comer.page
    page.goto(f"{comer.site.url}/login")
    page.locator("#user").fill("zhao.min")
    page.locator("#password").fill(password)
    page.keyboard.press("Enter")
    expect(page.locator("#new")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".notice")).to_contain_text("一次性密码")
    page.locator("#old").fill(password)
    page.locator("#new").fill(OWN_PASSWORD)
    page.locator("#again").fill(OWN_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".notice.right")).to_be_visible(timeout=PATIENCE_MS)
    page.goto(comer.site.url)
    expect(page.locator(".bar-title")).to_be_visible(timeout=PATIENCE_MS)
    comer.open_more()
    expect(page.get_by_role("link", name="规则", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("link", name="账号", exact=True)).to_have_count(0)


def test_the_department_looks_as_the_coordinator_and_back(visit: NewVisit) -> None:
    seen = open_page(visit, "账号")
    choose_row(seen, 1)
    expect(side(seen).locator("h2")).to_have_text("coordinator")
    side(seen).get_by_role("button", name="以此账号的身份查看").click()
    bar = seen.page.locator(".view-as")
    expect(bar).to_contain_text("正在以“coordinator”的身份查看（只读）", timeout=PATIENCE_MS)
    expect(seen.page.locator(".st-key-account [data-testid=stPopoverButton]")).to_contain_text("网格协调员")
    seen.wait_for_map()
    seen.page.get_by_role("link", name="名册", exact=True).click()
    expect(table(seen)).to_be_visible(timeout=PATIENCE_MS)
    expect(seen.page.get_by_role("button", name="新增干部")).to_have_count(0)
    bar.get_by_role("button", name="结束").click()
    expect(seen.page.locator(".view-as")).to_have_count(0, timeout=PATIENCE_MS)
    seen.wait_for_map()
    seen.open_more()
    expect(seen.page.get_by_role("link", name="账号", exact=True)).to_be_visible(timeout=PATIENCE_MS)
