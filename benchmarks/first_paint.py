"""First complete paint of the map against an empty page of the same server; theme changes; 'what is here'.

Both servers run side by side and are visited in turn, each time by a fresh profile with a cold cache::

    python -m benchmarks.first_paint [--villages 880] [--households 120000] [--rounds 9] [--store FILE]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.chrome import PATIENCE_MS, Visit, chromium, visiting
from tests.browser.server import Site, make_sample, running_site

THEMES = ("责任", "缺口", "重点村", "村情")
FIRST_PAINT_RATIO, CHANGE_KB, CHANGE_S = 1.8, 10.0, 1.4


@dataclass
class Traffic:
    """Bytes a page received: what http carried, and the texts of its websocket."""

    bytes: int = 0

    def watch(self, page: Page) -> CDPSession:
        """Count from now on."""
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: self._add(event["encodedDataLength"]))
        session.on("Network.webSocketFrameReceived", lambda event: self._add(_frame_size(event["response"])))
        return session

    def _add(self, count: float) -> None:
        self.bytes += int(count)


def _frame_size(frame: dict[str, str]) -> int:
    # Chromium gives binary frames as base64.
    return len(frame["payloadData"]) * 3 // 4


def first_paint(browser: Browser, site: Site, cookies: list[dict[str, str]]) -> tuple[float, int]:
    """Seconds until the map is drawn completely, and bytes until then."""
    with visiting(browser, site) as visit:
        visit.page.context.add_cookies(cookies)
        traffic = Traffic()
        traffic.watch(visit.page)
        seconds = timed(lambda: _open_map(visit))
        return seconds, traffic.bytes


def empty_paint(browser: Browser, site: Site) -> tuple[float, int]:
    """Seconds and bytes of the empty page."""
    with visiting(browser, site) as visit:
        traffic = Traffic()
        traffic.watch(visit.page)

        def open_page() -> None:
            visit.page.goto(site.url)
            visit.page.locator(".empty-page").wait_for(timeout=PATIENCE_MS)

        return timed(open_page), traffic.bytes


def theme_changes(browser: Browser, site: Site, rounds: int) -> list[tuple[float, int]]:
    """Seconds and bytes of theme changes, after each theme was seen once."""
    measured = []
    with visiting(browser, site) as visit:
        visit.log_in("department")
        visit.wait_for_map()
        traffic = Traffic()
        traffic.watch(visit.page)
        for number in range(len(THEMES) + rounds):
            before = traffic.bytes
            seconds = timed(partial(change_theme, visit, THEMES[number % len(THEMES)]))
            if number >= len(THEMES):
                measured.append((seconds, traffic.bytes - before))
    return measured


def change_theme(visit: Visit, title: str) -> None:
    """Choose a theme and wait until its tiles and its legend are there."""
    before = visit.map_frame.evaluate("window.feature_group.length")
    visit.page.get_by_role("radio", name=title, exact=True).click()
    visit.map_frame.wait_for_function(f"window.feature_group.length > {before}", timeout=PATIENCE_MS)
    visit.wait_for_map()
    expect(visit.page.get_by_role("radio", name=title, exact=True)).to_have_attribute("aria-checked", "true")


def place_times_ms(store: Path, *, seed: int, count: int = 400) -> list[float]:
    """How long 'what is here' takes at random points of the county, without the network."""
    from geo.access import SYSTEM
    from geo.answers.place import what_is_here
    from geo.store.engine import open_store
    from geo.store.queries import layer_frame

    opened = open_store(str(store))
    with opened.read() as session:
        west, south, east, north = map(float, layer_frame(session, "villages").total_bounds)
    rng = random.Random(seed)
    points = [(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(count)]
    as_of = date(2026, 5, 1)
    times = [timed(partial(what_is_here, opened, SYSTEM, *at, as_of=as_of)) * 1e3 for at in points]
    opened.close()
    return times


def run(store: Path, *, rounds: int, seed: int) -> dict[str, float]:
    """All measurements of one store, side by side."""
    with chromium() as browser, running_site(store) as site, empty_site(store) as empty:
        with visiting(browser, site) as visit:
            visit.log_in("department")
            visit.wait_for_map()
            cookies = visit.page.context.cookies()
        empty_paint(browser, empty)
        paints, empties = [], []
        for _round in range(rounds):
            empties.append(empty_paint(browser, empty))
            paints.append(first_paint(browser, site, cookies))
        changes = theme_changes(browser, site, rounds)
    here = sorted(place_times_ms(store, seed=seed))
    map_s, empty_s = _median(paints, 0), _median(empties, 0)
    return {
        "first_paint_s": map_s,
        "empty_page_s": empty_s,
        "first_paint_ratio": map_s / empty_s,
        "first_view_kb": _median(paints, 1) / 1e3,
        "empty_page_kb": _median(empties, 1) / 1e3,
        "theme_change_s": _median(changes, 0),
        "theme_change_kb": _median(changes, 1) / 1e3,
        "what_is_here_p50_ms": here[len(here) // 2],
        "what_is_here_p95_ms": here[int(len(here) * 0.95)],
    }


def empty_site(store: Path) -> AbstractContextManager[Site]:
    """A server with an empty page."""
    nothing = store.with_name("empty.gpkg")
    return running_site(nothing, app="benchmarks.empty_app:app", health="/_stcore/health")


def _open_map(visit: Visit) -> None:
    visit.page.goto(visit.site.url)
    visit.wait_for_map()


def timed(work: Callable[[], object]) -> float:
    """How many seconds something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _median(rows: list[tuple[float, int]], column: int) -> float:
    return statistics.median(row[column] for row in rows)


def main() -> None:
    """Run by arguments and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("villages", 880), ("households", 120_000), ("seed", 1), ("rounds", 9)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--store", type=Path, help="an existing sample store instead of a new one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="minqing-") as folder:
        store = given.store or Path(folder) / "county.gpkg"
        if given.store is None:
            make_sample(store, villages=given.villages, households=given.households, seed=given.seed)
        print(json.dumps(run(store, rounds=given.rounds, seed=given.seed), indent=2))


if __name__ == "__main__":
    main()
