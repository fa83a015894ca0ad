"""Chromium that can reach one address only, and a notebook of what a page did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Download,
    FrameLocator,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.browser.server import Site, password_of

CHROMIUM = "/usr/bin/chromium"
# Browsers complain about permission names of Streamlit's component frames that they do not know.
_NOT_OURS = ("Unrecognized feature", "allow-scripts and allow-same-origin")
# A page that is opened by its address makes Streamlit look for its server below that address first.
_LOOKING = ("/_stcore/health", "/_stcore/host-config")
PATIENCE_MS = 30_000


@dataclass
class Visit:
    """A page together with everything it asked for and complained about."""

    page: Page
    site: Site
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def foreign_requests(self) -> list[str]:
        """Addresses outside the site that the page asked for."""
        own = urlsplit(self.site.url).netloc
        asked = [urlsplit(url) for url in self.requests]
        return [url.geturl() for url in asked if url.scheme not in ("data", "blob") and url.netloc != own]

    def sign_in(self, user: str, path: str = "/") -> None:
        """Fill the login page in and send it."""
        self.page.goto(f"{self.site.url}/login?next={path}")
        self.page.locator("#user").fill(user)
        self.page.locator("#password").fill(password_of(user))
        self.page.locator("form button[type=submit]").click()

    def log_in(self, user: str, path: str = "/") -> None:
        """Sign in and wait until the page that was asked for is there."""
        self.sign_in(user, path)
        expect(self.page.locator(".st-key-topbar .bar-title")).to_be_visible(timeout=PATIENCE_MS)

    def open_more(self) -> None:
        """Open the bar's menu of further pages."""
        self.page.locator(".st-key-topbar [class*=_more] [data-testid=stPopoverButton]").click()

    def open_listed(self, title: str) -> None:
        """Open a page by its link in the bar, or in the bar's menu."""
        link = self.page.get_by_role("link", name=title, exact=True)
        if not link.count():
            self.open_more()
        link.click()

    def download(self, button: Locator) -> Download:
        """What a button gives to take away; it is pressed once, and the file must come."""
        self.wait_until_quiet()
        with self.page.expect_download(timeout=PATIENCE_MS) as downloading:
            button.click()
        return downloading.value

    @property
    def map(self) -> FrameLocator:
        """The frame that holds the map."""
        return self.page.frame_locator(".st-key-map iframe")

    def wait_for_map(self) -> None:
        """Wait until every tile is painted."""
        self.page.locator(".st-key-map iframe").wait_for(timeout=PATIENCE_MS)
        self.map.locator(".leaflet-container[data-painted]:not([data-painted=''])").wait_for(
            timeout=PATIENCE_MS
        )

    def wait_for_theme(self, theme: str) -> None:
        """Wait until every tile is painted in a theme."""
        self.map.locator(f".leaflet-container[data-painted='{theme}']").wait_for(timeout=PATIENCE_MS)

    def wait_until_quiet(self) -> None:
        """Wait until Streamlit has finished its run and nothing is loading."""
        self.page.wait_for_function(
            """() => document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning"
                && !document.querySelector("[data-testid=stSkeleton]")""",
            timeout=PATIENCE_MS,
        )

    def painted_share(self) -> float:
        """Which part of the map's tiles is not empty."""
        return float(self.map_frame.evaluate(PAINTED_SHARE))

    def click_map(self, right: float, down: float) -> None:
        """Click so many map heights right of and below the map's middle."""
        box = self.page.locator(".st-key-map iframe").bounding_box()
        assert box is not None
        x = box["x"] + box["width"] / 2 + right * box["height"]
        self.page.mouse.click(x, box["y"] + box["height"] / 2 + down * box["height"])

    @property
    def map_frame(self):
        """The map's frame, for scripts."""
        element = self.page.locator(".st-key-map iframe").element_handle(timeout=PATIENCE_MS)
        frame = element.content_frame() if element else None
        assert frame is not None
        return frame

    def map_view(self) -> tuple[float, float, float]:
        """Longitude, latitude and zoom the map shows."""
        lon, lat, zoom = self.map_frame.evaluate("[map.getCenter().lng, map.getCenter().lat, map.getZoom()]")
        return (round(lon, 6), round(lat, 6), zoom)


PAINTED_SHARE = """() => {
  let painted = 0, all = 0;
  for (const tile of document.querySelectorAll("canvas")) {
    const pixels = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height).data;
    for (let i = 3; i < pixels.length; i += 4) { all += 1; painted += pixels[i] > 0; }
  }
  return painted / all;
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium for which every host but this machine does not exist."""
    with sync_playwright() as playwright:
        rules = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        arguments = ["--no-sandbox", f"--host-resolver-rules={rules}", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(
    browser: Browser, site: Site, *, width: int = 1366, height: int = 768, locale: str = "zh-CN"
) -> Iterator[Visit]:
    """A fresh browser profile of that screen size, with its notebook."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
    visit = Visit(context.new_page(), site)

    def note_request(request: Request) -> None:
        visit.requests.append(request.url)

    def note_message(message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        known = any(text in message.text for text in _NOT_OURS) or where.endswith(_LOOKING)
        if message.type == "error" and not known:
            visit.complaints.append(f"{message.text} ({where})")

    context.on("request", note_request)
    context.on("console", note_message)
    context.on("weberror", lambda error: visit.complaints.append(str(error.error)))
    try:
        yield visit
    finally:
        context.close()
