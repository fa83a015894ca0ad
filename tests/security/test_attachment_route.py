"""Attacks on the way back: kept files are served as pictures or documents, to who may see them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
import requests

from geo.access import SYSTEM
from geo.operations.attachments import attach, remove_attachment
from geo.store.engine import open_store
from geo.vocabulary import AttachmentUse
from pages.web.session import COOKIE
from tests import uploaded
from tests.security.accounts import NOW
from tests.security.county import ACCOUNTS, OTHER_TOWNSHIP, OWN_VILLAGE


@pytest.fixture(scope="module")
def files(site) -> dict[str, str]:
    """Codes of a photo and a document of the own village, and of a photo of another township."""
    store = open_store(str(site.store))
    given = {"filename": "x.html", "now": NOW}

    def put(content: bytes, use: AttachmentUse, village: str) -> str:
        return attach(store, SYSTEM, content=content, use=use, village_code=village, **given)

    codes = {
        "photo": put(uploaded.photo() + uploaded.SCRIPT, AttachmentUse.NOW, OWN_VILLAGE),
        "document": put(uploaded.active_pdf(), AttachmentUse.PROGRAMME_PLAN, OWN_VILLAGE),
        "other": put(uploaded.photo(seed=2), AttachmentUse.NOW, f"{OTHER_TOWNSHIP}001"),
        "gone": put(uploaded.photo(seed=3), AttachmentUse.NOW, OWN_VILLAGE),
    }
    remove_attachment(store, SYSTEM, codes["gone"], reason="误传", now=NOW)
    store.close()
    return codes


def get(site, jar, code: str, query: str = "", **headers: str) -> requests.Response:
    address = f"{site.url}/attachment/{code}{query}"
    return requests.get(address, cookies=jar, headers=headers, timeout=60, allow_redirects=False)


SEEN_BY = {
    "department": {"photo", "document", "other"},
    "coordinator": {"photo", "document"},
    "leader": {"photo", "document", "other"},
    "resident": {"photo", "document"},
    "auditor": {"photo", "document", "other"},
}


@pytest.mark.parametrize("user", ACCOUNTS)
def test_each_role_sees_the_files_of_its_scope(site, cookies, files, user: str) -> None:
    seen = {name for name, code in files.items() if get(site, cookies[user], code).status_code == 200}
    small = {name for name, code in files.items() if get(site, cookies[user], code, "?preview=1").ok}
    assert seen == small == SEEN_BY[user]


@pytest.mark.parametrize("accept", ["text/html", "image/avif,image/webp,*/*", "*/*"])
def test_a_file_is_served_as_what_it_is_and_never_as_a_page(site, cookies, files, accept: str) -> None:
    for name, media_type, shown in (
        ("photo", "image/jpeg", "inline"),
        ("document", "application/pdf", "attachment"),
    ):
        for query in ("", "?preview=1", "?type=text/html&preview=", "?preview=<script>"):
            answer = get(site, cookies["leader"], files[name], query, Accept=accept)
            is_small = "preview" in query
            assert answer.status_code == 200
            assert answer.headers["content-type"] == ("image/jpeg" if is_small else media_type)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in answer.headers["content-security-policy"]
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"
            assert answer.headers["cache-control"] == "private, no-cache"
            assert answer.headers["content-disposition"].startswith("inline" if is_small else shown)
            assert "html" not in answer.headers["content-disposition"]
            assert uploaded.SCRIPT not in answer.content


def test_what_is_not_there_and_what_is_out_of_sight_are_answered_alike(site, cookies, files) -> None:
    unknown = f"{files['photo'][:-8]}00000000"
    for accept in ("text/html", "image/*"):
        answers = [
            get(site, cookies["coordinator"], code, query, Accept=accept)
            for code in (files["other"], unknown, files["gone"])
            for query in ("", "?preview=1")
        ]
        told = {
            (each.status_code, each.content, *sorted((k, v) for k, v in each.headers.items() if k != "date"))
            for each in answers
        }
        assert len(told) == 1
        assert answers[0].status_code == 404
        assert answers[0].headers["content-type"] == "text/plain; charset=utf-8"
        assert answers[0].headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "code",
    ["%00", "a%00b", "..%2f..%2fetc", "%2e%2e", "<script>", "'; DROP TABLE attachment;--", "x" * 4000, "%ff"],
)
def test_made_up_codes_are_not_found(site, cookies, code: str) -> None:
    answer = get(site, cookies["department"], code if "%" in code else quote(code), Accept="text/html")
    assert answer.status_code in (400, 404)  # some of them no server takes for a path at all
    assert "html" not in answer.headers.get("content-type", "")
    assert "script" not in answer.text


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_nobody_gets_a_file_without_a_session(site, files, accept: str) -> None:
    answer = get(site, {}, files["photo"], Accept=accept)
    assert answer.status_code in (401, 303)
    assert b"\xff\xd8" not in answer.content


def test_only_reading_is_possible(site, cookies, files) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = requests.request(
            method, f"{site.url}/attachment/{files['photo']}", cookies=cookies["department"], timeout=60
        )
        assert answer.status_code == 405


def test_a_browser_asks_again_and_gets_it_once(site, cookies, files) -> None:
    answer = get(site, cookies["leader"], files["photo"])
    again = get(site, cookies["leader"], files["photo"], **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    small = get(site, cookies["leader"], files["photo"], "?preview=1")
    assert small.headers["etag"] != answer.headers["etag"]
    other = get(site, cookies["coordinator"], files["other"], **{"If-None-Match": answer.headers["etag"]})
    assert other.status_code == 404


def test_who_looks_as_somebody_sees_no_more_than_they(site, sign_in, files) -> None:
    client = sign_in("department")
    assert client.get(f"{site.url}/attachment/{files['other']}", timeout=60).status_code == 200
    client.post(f"{site.url}/view-as", data={"user": "coordinator"}, allow_redirects=False, timeout=60)
    looking = {COOKIE: client.cookies[COOKIE]}
    assert get(site, looking, files["photo"]).status_code == 200
    assert get(site, looking, files["other"]).status_code == 404
