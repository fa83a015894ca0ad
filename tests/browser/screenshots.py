"""Pictures of every page, theme and role for people to look at, and the one in the README.

Run ``python -m tests.browser.screenshots [--to build/screenshots] [--readme]``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from layers.themes import THEMES
from tests.browser.chrome import PATIENCE_MS, Visit, chromium, visiting
from tests.browser.server import ROOT, USERS, Site, make_sample, running_site

SIZES = ((1366, 768), (1920, 1080))
README_IMAGE = ROOT / "docs" / "images" / "map.png"
Act = Callable[[Visit], None]


def take(browser: Browser, site: Site, target: Path, act: Act, *, size: tuple[int, int], user: str) -> None:
    """Sign in, do something, take a picture."""
    with visiting(browser, site, width=size[0], height=size[1]) as visit:
        visit.log_in(user)
        visit.wait_for_map()
        act(visit)
        visit.wait_until_quiet()
        visit.page.screenshot(path=target)


def choose_theme(visit: Visit, key: str) -> None:
    """Choose a map theme and wait for it."""
    visit.page.get_by_role("radio", name=THEMES[key].title, exact=True).click()
    visit.wait_for_theme(key)


def show_place(visit: Visit) -> None:
    """Ask what is a little east of the middle, under the theme of priority villages."""
    choose_theme(visit, "priority_villages")
    visit.click_map(0.1, 0.05)
    visit.page.locator(".chain li").first.wait_for(timeout=PATIENCE_MS)
    visit.wait_for_map()


def open_page(title: str, waits_for: str) -> Act:
    """Go to another page by the bar or its menu."""

    def act(visit: Visit) -> None:
        visit.open_listed(title)
        visit.page.locator(waits_for).first.wait_for(timeout=PATIENCE_MS)

    return act


def in_english(visit: Visit) -> None:
    """Switch the language in the account menu."""
    visit.page.locator(".st-key-account [data-testid=stPopoverButton]").click()
    visit.page.get_by_role("link", name="English").click()
    visit.page.locator(".account").wait_for(state="detached", timeout=PATIENCE_MS)
    visit.wait_for_map()


def household_layer(visit: Visit) -> None:
    """Lay the households over the theme, close up."""
    visit.page.get_by_role("button", name="图层").click()
    visit.page.get_by_role("button", name="户", exact=True).click()
    visit.page.keyboard.press("Escape")
    visit.map_frame.evaluate("map.setZoom(15)")
    visit.wait_for_map()


def network_table(visit: Visit) -> None:
    """Open the table of responsibilities."""
    choose_theme(visit, "responsibility_network")
    visit.page.get_by_role("button", name="责任关系表").click()
    visit.page.get_by_role("dialog").locator("[data-testid=stDataFrame]").wait_for(timeout=PATIENCE_MS)


def priority_map(visit: Visit) -> None:
    """Open the page of priority villages and wait for its map."""
    open_page("重点村", ".figures")(visit)
    visit.wait_until_quiet()
    visit.wait_for_map()


def open_profile(visit: Visit) -> None:
    """Open the profile of the first village that has something missing."""
    open_page("重点村", ".figures")(visit)
    visit.page.locator(".st-key-side button").first.click()
    visit.page.get_by_role("button", name="打开村情").click()
    visit.page.locator(".profile-head h1").wait_for(timeout=PATIENCE_MS)


def scenes() -> dict[str, tuple[str, Act]]:
    """Name of each picture, whose it is and what is done for it."""
    acts: dict[str, tuple[str, Act]] = {
        f"theme-{key}": ("department", lambda visit, key=key: choose_theme(visit, key)) for key in THEMES
    }
    acts |= {f"role-{user}": (user, lambda _visit: None) for user in USERS}
    return acts | {
        "place": ("department", show_place),
        "villages": ("department", open_page("村庄", "[data-testid=stDataFrame]")),
        "import": ("department", open_page("数据", ".st-key-form")),
        "register": ("coordinator", open_page("名册", "[data-testid=stDataFrame]")),
        "accounts": ("department", open_page("账号", "[data-testid=stDataFrame]")),
        "rules": ("department", open_page("规则", "[data-testid=stDataFrame]")),
        "priority": ("department", priority_map),
        "rectify": ("department", open_page("整改", ".figures")),
        "goals": ("department", open_page("目标清单", ".goals-total")),
        "profile": ("department", open_profile),
        "export": ("leader", open_page("数据", ".st-key-form")),
        "english": ("department", in_english),
        "households": ("department", household_layer),
        "household-counts": ("leader", household_layer),
        "network-table": ("department", network_table),
    }


def main() -> None:
    """Take all pictures, or only the README's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "screenshots")
    parser.add_argument(
        "--readme", action="store_true", help="only docs/images/map.png, of the sample county"
    )
    parser.add_argument("--only", default="", help="part of the names of the pictures to take")
    parser.add_argument("--store", type=Path, help="an existing sample store instead of a new one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="minqing-") as folder:
        store = given.store or Path(folder) / "county.gpkg"
        if given.store is None:
            make_sample(store, **({"villages": 880, "households": 120_000} if given.readme else {}))
        with chromium() as browser, running_site(store) as site:
            if given.readme:
                README_IMAGE.parent.mkdir(parents=True, exist_ok=True)
                take(browser, site, README_IMAGE, show_place, size=SIZES[0], user="department")
                return
            given.to.mkdir(parents=True, exist_ok=True)
            for name, (user, act) in scenes().items():
                for size in SIZES if given.only in name else ():
                    take(browser, site, given.to / f"{name}-{size[0]}.png", act, size=size, user=user)


if __name__ == "__main__":
    main()
