"""What runs before the page does speaks the browser's language all the same."""

from __future__ import annotations

from geo.i18n import current_language, set_language
from pages.ui import part


def test_a_callback_speaks_the_browsers_language(monkeypatch):
    monkeypatch.setattr(part, "use_browser_language", lambda: set_language("en"))
    heard: list[tuple[str, str]] = []

    @part.speaking
    def callback(word: str) -> None:
        heard.append((word, current_language()))

    try:
        callback("saved")
    finally:
        set_language("zh")
    assert heard == [("saved", "en")]
