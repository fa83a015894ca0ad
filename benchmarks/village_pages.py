"""Pages of villages that come first against an empty page of the same server, each until it is complete.

Both servers run side by side and are visited in turn, each time by a fresh profile with a cold cache; every
page has been opened once before::

    python -m benchmarks.village_pages [--villages 880] [--households 120000] [--rounds 9] [--store FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.first_paint import empty_paint, empty_site, timed
from geo.store.engine import open_store
from geo.store.queries import layer_frame
from tests.browser.chrome import PATIENCE_MS, Visit, chromium, visiting
from tests.browser.server import Site, make_sample, running_site

PAGE_RATIO = 2.5
_COMPLETE = {
    "priority": ".st-key-side .panel",
    "rectify": ".st-key-table svg.marks, .empty",
    "profile": "img.village-map",
    "goals": "[data-testid=stDataFrame] canvas",
}
"""What stands on a page when its last part has come."""


def page_times_s(site: Site, cookies: list[dict[str, str]], browser: Browser, page: str) -> float:
    """Seconds until a page is complete."""
    with visiting(browser, site) as visit:
        visit.page.context.add_cookies(cookies)
        return timed(partial(_open, visit, page))


def _open(visit: Visit, page: str) -> None:
    visit.page.goto(f"{visit.site.url}/{page}")
    name = page.split("?", maxsplit=1)[0]
    visit.page.locator(_COMPLETE[name]).first.wait_for(timeout=4 * PATIENCE_MS)
    if name == "priority":
        visit.wait_for_map()
    visit.wait_until_quiet()


def run(store: Path, *, rounds: int) -> dict[str, float]:
    """Medians of all pages and of the empty one, taken in turn."""
    with open_store(str(store)).read() as session:
        village = layer_frame(session, "villages")["code"].iloc[0]
    pages = ["priority", "rectify", f"profile?village={village}", "goals"]
    with chromium() as browser, running_site(store) as site, empty_site(store) as empty:
        with visiting(browser, site) as visit:
            visit.log_in("department")
            cookies = visit.page.context.cookies()
        firsts = {page.split("?")[0]: page_times_s(site, cookies, browser, page) for page in pages}
        empty_paint(browser, empty)
        times: dict[str, list[float]] = {page: [] for page in ("empty", *pages)}
        for _round in range(rounds):
            times["empty"].append(empty_paint(browser, empty)[0])
            for page in pages:
                times[page].append(page_times_s(site, cookies, browser, page))
    medians = {page.split("?")[0]: statistics.median(seconds) for page, seconds in times.items()}
    ratios = {f"{page}_ratio": medians[page] / medians["empty"] for page in medians if page != "empty"}
    cold = {f"{page}_first_s": seconds for page, seconds in firsts.items()}
    return {**{f"{page}_s": seconds for page, seconds in medians.items()}, **ratios, **cold}


def main() -> None:
    """Run by arguments and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("villages", 880), ("households", 120_000), ("rounds", 9)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--store", type=Path, help="an existing sample store instead of a new one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="minqing-") as folder:
        store = given.store or Path(folder) / "county.gpkg"
        if given.store is None:
            make_sample(store, villages=given.villages, households=given.households)
        start = time.perf_counter()
        print(
            json.dumps({**run(store, rounds=given.rounds), "took_s": time.perf_counter() - start}, indent=2)
        )


if __name__ == "__main__":
    main()
