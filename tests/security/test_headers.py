import pytest
from starlette.datastructures import MutableHeaders

from pages.web.headers import add_security_headers

SCRIPT = "/component/streamlit_folium.st_folium/static/js/main.js"


@pytest.mark.parametrize(
    ("path", "is_whole", "kept"),
    [
        (SCRIPT, True, "private, max-age=86400"),
        (SCRIPT, False, "no-store"),
        ("/tiles/villages/9/1/1.pbf", False, "no-store"),
        ("/villages", True, "no-store"),
    ],
)
def test_only_whole_answers_are_kept(path: str, is_whole: bool, kept: str) -> None:
    headers = MutableHeaders()
    add_security_headers(headers, path, is_whole=is_whole)
    assert headers["Cache-Control"] == kept
