import pytest
from starlette.datastructures import Headers

from pages.web.addresses import is_own_origin, local_path
from pages.web.settings import WebSettings


@pytest.mark.parametrize("path", ["/", "/villages", "/villages?label=weak&township=990101101", "/地图"])
def test_a_local_path_is_kept(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "villages",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/villages\r\nSet-Cookie: a=b",
        "/\t/evil.example",
        "/login?next=/login",
        "/logout",
        "//[evil",
    ],
)
def test_anything_else_leads_home(path):
    assert local_path(path) == "/"


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"host": "10.1.1.1:8501", "origin": "http://10.1.1.1:8501"}, True),
        ({"host": "10.1.1.1:8501"}, True),
        ({"host": "10.1.1.1:8501", "sec-fetch-site": "cross-site"}, False),
        ({"host": "10.1.1.1:8501", "origin": "http://10.1.1.1:9999"}, False),
        ({"host": "10.1.1.1:8501", "origin": "null"}, False),
        ({"host": "10.1.1.1:8501", "origin": ""}, False),
        ({"origin": ""}, False),
        ({"host": "a.gov", "origin": "https://b.gov", "x-forwarded-host": "b.gov"}, False),
    ],
)
def test_whose_page_made_the_request(headers, own):
    assert is_own_origin(Headers(headers), WebSettings()) is own


def test_a_trusted_proxy_may_name_the_host():
    headers = Headers({"host": "a.gov", "origin": "https://b.gov", "x-forwarded-host": "b.gov"})
    assert is_own_origin(headers, WebSettings(trust_proxy=True))
