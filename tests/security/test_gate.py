"""Nobody gets in without a session: a real server, asked over the wire."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest
import requests
from itsdangerous import URLSafeSerializer
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from pages.web.session import COOKIE

PAGE = {"Accept": "text/html"}
GUARDED = [
    ("GET", "/_stcore/health"),
    ("GET", "/_stcore/host-config"),
    ("GET", "/_stcore/metrics"),
    ("GET", "/_stcore/allowed-message-origins"),
    ("GET", "/_stcore/agent/openapi.json"),
    ("POST", "/_stcore/agent/interact"),
    ("POST", "/_stcore/agent/mcp"),
    ("PUT", "/_stcore/upload_file/some-session/some-file"),
    ("DELETE", "/_stcore/upload_file/some-session/some-file"),
    ("OPTIONS", "/_stcore/upload_file/some-session/some-file"),
    ("GET", "/_stcore/bidi-components/some/file.js"),
    ("GET", "/media/0123456789abcdef.csv"),
    ("GET", "/component/streamlit_folium.st_folium/index.html"),
    ("GET", "/app/static/file.txt"),
    ("GET", "/auth/login"),
    ("GET", "/oauth2callback"),
    ("GET", "/tiles/villages/10/845/402.pbf"),
    ("GET", "/tiles/villages/10/845/402.pbf?as_of=2026-05-01&v=1"),
    ("GET", "/api/place?lon=117.01&lat=35.51"),
    ("GET", "/api/versions"),
    ("GET", "/api/stale?tiles=10/845/402"),
    ("GET", "/download/villages.csv"),
    ("GET", "/index.html"),
    ("GET", "/manifest.json"),
    ("GET", "/static/../index.html"),
    ("GET", "/assets/../media/0123"),
    ("POST", "/logout"),
    ("POST", "/password"),
    ("HEAD", "/villages"),
]


def ask(
    site, method: str, path: str, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """One request exactly as written: clients tidy up paths, attackers don't."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def cookie_header(value: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={value}"}


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_without_a_session_it_is_refused(site, method, path):
    status, body, headers = ask(site, method, path)
    assert status == 401
    assert b"Traceback" not in body
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", ["/", "/villages", "/data", "/%2e%2e/villages", "/anything?x=1"])
def test_a_page_leads_to_the_login_and_never_runs(site, path):
    status, body, headers = ask(site, "GET", path, PAGE)
    assert (status, body) == (303, b"")
    assert headers["location"].startswith("/login?next=%2F")


@pytest.mark.parametrize(
    "path", ["/healthz", "/login", "/assets/leaflet/dist/leaflet.js", "/assets/own/web.css"]
)
def test_the_few_open_paths_answer(site, path):
    assert ask(site, "GET", path)[0] == 200


def test_health_tells_nothing_but_that_the_store_answers(site):
    assert requests.get(f"{site.url}/healthz", timeout=30).json() == {"ok": True, "store": "ok"}


def forged(cookies) -> dict[str, str]:
    real = cookies["department"][COOKIE]
    payload, _, signature = real.rpartition(".")
    other = cookies["auditor"][COOKIE].rpartition(".")
    stranger = URLSafeSerializer("x" * 48, salt="minqing-session")
    return {
        "empty": "",
        "plain name": "department",
        "unsigned": payload,
        "no signature": payload + ".",
        "another's signature": f"{payload}.{other[2]}",
        "tampered payload": f"A{payload[1:]}.{signature}",
        "signed with another secret": stranger.dumps(["department", 0, "serial", 0, 4_000_000_000]),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "empty",
        "plain name",
        "unsigned",
        "no signature",
        "another's signature",
        "tampered payload",
        "signed with another secret",
    ],
)
def test_a_forged_cookie_is_no_session(site, cookies, kind):
    headers = cookie_header(forged(cookies)[kind])
    assert ask(site, "GET", "/tiles/villages/10/845/402.pbf", headers)[0] == 401
    with pytest.raises(InvalidStatus) as refusal:
        connect(websocket_url(site), additional_headers=headers)
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("name", ["X-Minqing-User", "x-minqing-user", "X-MINQING-USER", "X-Minqing-Anything"])
def test_a_client_cannot_name_its_user(site, cookies, name):
    assert ask(site, "GET", "/api/place?lon=117.01&lat=35.51", {name: "department"})[0] == 401
    mine = {"Cookie": f"{COOKIE}={cookies['auditor'][COOKIE]}", name: "department"}
    status, body, _headers = ask(site, "GET", "/logout", mine)
    assert status == 200
    assert b"auditor" in body
    assert b"department" not in body


def websocket_url(site) -> str:
    return site.url.replace("http", "ws") + "/_stcore/stream"


def test_a_websocket_needs_a_session(site):
    with pytest.raises(InvalidStatus) as refusal:
        connect(websocket_url(site))
    assert refusal.value.response.status_code == 403


def test_a_websocket_opens_with_a_session(site, cookies):
    with connect(websocket_url(site), additional_headers=cookie_header(cookies["leader"][COOKIE])) as socket:
        socket.ping().wait(10)


def test_a_websocket_from_another_site_is_refused(site, cookies):
    headers = cookie_header(cookies["leader"][COOKIE])
    with pytest.raises(InvalidStatus) as refusal:
        connect(websocket_url(site), additional_headers=headers, origin="http://evil.example")
    assert refusal.value.response.status_code == 403


def test_an_open_websocket_is_closed_at_its_next_message_after_logout(site, sign_in):
    client = sign_in("auditor")
    with connect(websocket_url(site), additional_headers=cookie_header(client.cookies[COOKIE])) as socket:
        assert client.post(f"{site.url}/logout", allow_redirects=False, timeout=30).status_code == 303
        socket.send(b"")
        with pytest.raises(ConnectionClosed) as closing:
            while True:
                socket.recv(timeout=10)
        assert closing.value.rcvd.code == 1008


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/login", "/logout", "/password"])
def test_another_sites_form_is_refused(site, cookies, origin, path):
    headers = {"Origin": origin, "Content-Type": "application/x-www-form-urlencoded"}
    assert ask(site, "POST", path, headers | cookie_header(cookies["leader"][COOKIE]))[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py",
        "/assets/leaflet/../../../app.py",
        "/assets/leaflet/%2e%2e/%2e%2e/%2e%2e/app.py",
        "/assets/leaflet/..%2f..%2f..%2fapp.py",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/leaflet/package.json",
        "/assets/.package-lock.json",
        "/assets/lodash/lodash.js",
        "/assets/leaflet/dist/leaflet.js%00.css",
        "/assets/leaflet",
        "/assets/",
        "/assets/own/../login.py",
        "/assets/own/%2e%2e/templates/login.html",
        "/static/js/../../index.html",
        "/static/js/%2e%2e/%2e%2e/index.html",
    ],
)
def test_libraries_are_all_that_assets_give(site, path):
    status, body, _headers = ask(site, "GET", path)
    assert status in (400, 401, 404)
    assert b"import" not in body
    assert b"root:" not in body


def test_answers_carry_the_security_headers(site, cookies):
    for path in ("/login", "/", "/assets/leaflet/dist/leaflet.js", "/tiles/villages/10/845/402.pbf"):
        headers = ask(site, "GET", path, PAGE | cookie_header(cookies["leader"][COOKIE]))[2]
        policy = headers["content-security-policy"]
        assert "http" not in policy
        assert "frame-ancestors 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_only_components_frames_may_evaluate_text(site, cookies):
    mine = cookie_header(cookies["leader"][COOKIE])
    page = ask(site, "GET", "/", PAGE | mine)[2]["content-security-policy"]
    frame = ask(site, "GET", "/component/streamlit_folium.st_folium/index.html", mine)[2][
        "content-security-policy"
    ]
    assert "'unsafe-eval'" not in page
    assert "'unsafe-eval'" in frame


def test_pages_are_not_kept_by_the_browser(site, cookies):
    mine = cookie_header(cookies["leader"][COOKIE])
    assert ask(site, "GET", "/", PAGE | mine)[2]["cache-control"] == "no-store"
    assert ask(site, "GET", "/api/place?lon=117.01&lat=35.51", mine)[2]["cache-control"] == "no-store"
    assert "max-age" in ask(site, "GET", "/assets/leaflet/dist/leaflet.js")[2]["cache-control"]
