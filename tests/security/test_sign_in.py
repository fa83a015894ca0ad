"""Signing in and out over the wire."""

from __future__ import annotations

import pytest
import requests

from geo.store.engine import open_store
from geo.store.queries import put_setting
from pages.web.session import COOKIE
from pages.web.throttle import BOTH
from tests.browser.server import running_site
from tests.security.accounts import PASSWORD
from tests.security.county import ACCOUNTS, make_county

FAIL = {"user": "department", "password": "wrong password"}


def post(site, path: str, data: dict[str, str], **options) -> requests.Response:
    return requests.post(f"{site.url}{path}", data=data, allow_redirects=False, timeout=30, **options)


def place_status(site, cookie: str) -> int:
    query = {"lon": "117.01", "lat": "35.51", "as_of": "2026-05-01"}
    answer = requests.get(f"{site.url}/api/place", query, cookies={COOKIE: cookie}, timeout=30)
    return answer.status_code


def test_a_right_password_leads_on_with_a_guarded_cookie(site):
    answer = post(site, "/login", {"user": "leader", "password": PASSWORD, "next": "/villages?label=weak"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/villages?label=weak")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1"]
)
def test_the_login_leads_nowhere_else(site, wanted):
    answer = post(site, "/login", {"user": "leader", "password": PASSWORD, "next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_one_who_is_signed_in_is_led_on(site, cookies):
    answer = requests.get(
        f"{site.url}/login?next=/villages", cookies=cookies["leader"], allow_redirects=False, timeout=30
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/villages")


def test_a_wrong_password_and_an_unknown_user_read_the_same(site):
    known = post(site, "/login", {"user": "auditor", "password": "wrong"})
    unknown = post(site, "/login", {"user": "auditoR", "password": "wrong"})
    assert known.status_code == unknown.status_code == 403
    assert known.text.replace("auditor", "") == unknown.text.replace("auditoR", "")
    assert "用户名或密码不正确" in known.text
    assert "set-cookie" not in known.headers


def test_what_the_user_typed_is_shown_as_text(site):
    answer = post(
        site, "/login", {"user": '"><script>alert(1)</script>', "password": "wrong", "next": "/<b>"}
    )
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text


def test_a_real_countys_login_page_offers_no_accounts(site):
    page = requests.get(f"{site.url}/login", timeout=30).text
    assert "测试县" in page
    assert "minqing-2026" not in page


def test_the_login_page_speaks_english_on_request(site):
    answer = requests.get(f"{site.url}/language/en?next=//evil.example", allow_redirects=False, timeout=30)
    assert answer.headers["location"] == "/"
    assert 'lang="en"' in requests.get(f"{site.url}/login", cookies=answer.cookies, timeout=30).text


def test_a_huge_form_is_refused(site):
    answer = post(site, "/login", {"user": "x" * 5000, "password": "x"})
    assert answer.status_code == 400
    assert "提交的内容过长" in answer.json()["message"]


@pytest.mark.parametrize("body", ["user=%ff%fe", "&".join(f"a{i}=1" for i in range(50))])
def test_a_malformed_form_is_refused(site, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(f"{site.url}/login", data=body, headers=headers, timeout=30)
    assert answer.status_code in (400, 403)


def test_logging_out_ends_the_session_for_copies_too(site, sign_in):
    client = sign_in("resident")
    copied = client.cookies[COOKIE]
    assert place_status(site, copied) == 200
    assert client.get(f"{site.url}/logout", timeout=30).status_code == 200
    assert place_status(site, copied) == 200
    answer = client.post(f"{site.url}/logout", allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert place_status(site, copied) == 401


@pytest.mark.slow
def test_a_server_of_its_own(tmp_path_factory):
    """What spoils a server for others: guessing until it waits, and changing a password."""
    path = tmp_path_factory.mktemp("own") / "county.gpkg"
    make_county(path)
    with running_site(path) as site:
        guess_until_told_to_wait(site)
        change_a_password(site)
        cookie = post(site, "/login", {"user": "auditor", "password": PASSWORD}).cookies[COOKIE]
        ended = post(site, "/login", {"user": "auditor", "password": PASSWORD}).cookies[COOKIE]
        post(site, "/logout", {}, cookies={COOKIE: ended})
    mark_as_sample(path)
    with running_site(path) as site:
        assert place_status(site, cookie) == 200
        assert place_status(site, ended) == 401
        page = requests.get(f"{site.url}/login", timeout=30).text
        assert all(f"{user}-minqing-2026" in page for user in ACCOUNTS)


def mark_as_sample(path) -> None:
    store = open_store(str(path))
    with store.write() as session:
        put_setting(session, "sample", "yes")
    store.close()


def guess_until_told_to_wait(site) -> None:
    answers = [post(site, "/login", FAIL) for _ in range(BOTH.free + 1)]
    assert [answer.status_code for answer in answers] == [403] * BOTH.free + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= BOTH.first_wait_s
    assert "请等待" in answers[-1].text
    right = post(site, "/login", {"user": "department", "password": PASSWORD})
    assert right.status_code == 429
    assert post(site, "/login", {"user": "leader", "password": PASSWORD}).status_code == 303


def change_a_password(site) -> None:
    data = {"user": "leader", "password": PASSWORD}
    here, elsewhere = (post(site, "/login", data).cookies[COOKIE] for _ in range(2))
    new = "another long password"
    form = {"old": PASSWORD, "new": new, "again": new}
    mismatch = post(site, "/password", {**form, "again": "typo"}, cookies={COOKIE: here})
    wrong = post(site, "/password", {**form, "old": "wrong"}, cookies={COOKIE: here})
    assert (mismatch.status_code, wrong.status_code) == (400, 403)
    answer = post(site, "/password", form, cookies={COOKIE: here})
    assert answer.status_code == 200
    assert post(site, "/login", data).status_code == 403
    assert place_status(site, answer.cookies[COOKIE]) == 200
    # Asked before, a session is believed for RECHECK_S; these two were not asked since.
    assert place_status(site, elsewhere) == 401
