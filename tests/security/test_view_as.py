"""The department looks as another account: the same tiles, pages and files, and no way to write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import requests
from itsdangerous import URLSafeSerializer
from sqlalchemy import select
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from geo.access import SYSTEM, Actor
from geo.answers.accounts import account_history, account_table
from geo.errors import InputError, PermissionError_, RuleError
from geo.operations.accounts import (
    change_account,
    create_account,
    disable_account,
    enable_account,
    invite,
    reset_password,
    set_password,
    start_viewing,
    stop_viewing,
)
from geo.operations.county import init_county
from geo.operations.designate import designate_village
from geo.operations.sessions import standing_actor
from geo.store.audit import record
from geo.store.engine import Store, create_store, open_store
from geo.store.models import Audit
from geo.vocabulary import Role, VillageLabel
from pages.web.session import COOKIE, SessionOver, Sessions
from tests.browser.server import Site
from tests.security.accounts import NOW, PASSWORD, add_account
from tests.security.county import OWN_TOWNSHIP, OWN_VILLAGE
from tests.security.test_scope import SEES_POINTS, SEES_VILLAGES, features, points_inside

SECRET = "s" * 40
LOOKING = Actor("department2", Role.DEPARTMENT, viewer="department")
ORIGIN = {"Origin": "http://evil.example"}


def sessions_over(store: Store) -> Sessions:
    return Sessions(store, secret=SECRET, session_s=3600, longest_s=7200, clock=NOW.timestamp)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    store = create_store(str(tmp_path / "county.gpkg"))
    add_account(store, "department", Role.DEPARTMENT, [""])
    add_account(store, "coordinator", Role.COORDINATOR, [OWN_TOWNSHIP])
    yield store
    store.close()


def test_a_session_goes_on_with_other_eyes_and_back(store):
    sessions = sessions_over(store)
    own = sessions.issue("department")
    other = sessions.open(sessions.seal(sessions.looking_as(own, "coordinator")))
    actor = sessions.actor(other)
    assert actor == Actor("coordinator", Role.COORDINATOR, frozenset({OWN_TOWNSHIP}), viewer="department")
    with pytest.raises(SessionOver):  # pages that are still open do not go on as the department
        sessions.actor(own)
    back = sessions.looking_as(other, "")
    assert sessions.actor(back) == Actor("department", Role.DEPARTMENT)
    assert (back.started, back.expires) == (own.started, own.expires)


def test_a_cookie_from_before_still_holds(store):
    sessions = sessions_over(store)
    ticket = sessions.issue("department")
    fields = [ticket.user, ticket.epoch, ticket.serial, ticket.started, ticket.expires]
    former = URLSafeSerializer(SECRET, salt="minqing-session").dumps(fields)
    assert sessions.actor(sessions.open(former)).viewer == ""
    assert sessions.open(URLSafeSerializer(SECRET, salt="minqing-session").dumps([*fields, "", ""])) is None


@pytest.mark.parametrize(
    ("user", "viewing", "stands"),
    [
        ("department", "coordinator", True),
        ("coordinator", "department", False),
        ("department", "nobody", False),
    ],
)
def test_only_the_department_looks_as_others(store, user, viewing, stands):
    actor = standing_actor(store, user=user, epoch=0, serial="x", viewing=viewing)
    assert (actor is not None) is stands


def test_looking_ends_when_either_account_is_closed(store):
    for closed in ("coordinator", "department"):
        add_account(store, f"second{closed}", Role.DEPARTMENT, [""])
        disable_account(store, SYSTEM, user=closed, now=NOW, reason="调离")
        assert standing_actor(store, user="department", epoch=0, serial="x", viewing="coordinator") is None
        enable_account(store, SYSTEM, user=closed, now=NOW, reason="返岗")


def test_starting_and_stopping_are_audited_under_ones_own_name(store):
    own = Actor("department", Role.DEPARTMENT)
    start_viewing(store, own, user="coordinator", now=NOW)
    stop_viewing(store, own, user="coordinator", now=NOW)
    with store.read() as session:
        rows = session.execute(select(Audit.user, Audit.action, Audit.subject).order_by(Audit.id)).all()
    assert [tuple(row) for row in rows[-2:]] == [
        ("department", "view_as.start", "coordinator"),
        ("department", "view_as.stop", "coordinator"),
    ]
    with pytest.raises(RuleError, match="department"):
        start_viewing(store, own, user="department", now=NOW)
    with pytest.raises(InputError, match="nobody"):
        start_viewing(store, own, user="nobody", now=NOW)
    with pytest.raises(PermissionError_):
        start_viewing(store, Actor("coordinator", Role.COORDINATOR), user="department", now=NOW)


def test_every_operation_is_refused_while_looking(store):
    stated = {"now": NOW, "reason": "试"}
    attempts = [
        lambda: create_account(
            store, LOOKING, user="x.y", role=Role.LEADER, scopes=[""], password=PASSWORD, now=NOW
        ),
        lambda: invite(store, LOOKING, user="x.y", role=Role.LEADER, scopes=[""], now=NOW),
        lambda: reset_password(store, LOOKING, user="coordinator", **stated),
        lambda: set_password(store, LOOKING, user="department2", password=PASSWORD, now=NOW),
        lambda: change_account(
            store, LOOKING, user="coordinator", role=Role.LEADER, scopes=[""], version=1, **stated
        ),
        lambda: disable_account(store, LOOKING, user="coordinator", **stated),
        lambda: enable_account(store, LOOKING, user="coordinator", **stated),
        lambda: start_viewing(store, LOOKING, user="coordinator", now=NOW),
        lambda: init_county(store, LOOKING, code="990101", name="x", now=NOW),
        lambda: designate_village(
            store,
            LOOKING,
            village_code=OWN_VILLAGE,
            label=VillageLabel.WEAK,
            valid_from=date(2026, 5, 1),
            **stated,
        ),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionError_, match="只能看"):
            attempt()


def test_not_even_what_forgets_to_ask_is_written(store):
    with pytest.raises(PermissionError_), store.write() as session:
        record(session, LOOKING, "anything", now=NOW)
    with store.read() as session:
        assert session.scalar(select(Audit).where(Audit.action == "anything")) is None


def test_looking_as_another_of_the_department_shows_the_accounts(store):
    assert account_table(store, LOOKING)["user"].tolist() == ["coordinator", "department"]
    assert account_history(store, LOOKING, "coordinator")["action"].tolist() == ["新建"]
    with pytest.raises(PermissionError_):
        account_table(store, Actor("coordinator", Role.COORDINATOR))


@pytest.fixture
def looking(site: Site, sign_in) -> Iterator[dict[str, dict[str, str]]]:
    """A session of the department that looks as the coordinator: cookies, as `cookies` gives them."""
    client = sign_in("department")
    answer = client.post(
        f"{site.url}/view-as", data={"user": "coordinator"}, allow_redirects=False, timeout=30
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    yield {"looking": {COOKIE: client.cookies[COOKIE]}}


def test_tiles_and_files_hold_what_that_account_sees(site, looking):
    found = features(site, looking, "looking", "households")
    assert points_inside(found["households"]) == SEES_POINTS["coordinator"]
    villages = requests.get(f"{site.url}/download/villages.csv", cookies=looking["looking"], timeout=60)
    text = villages.content.decode("utf-8-sig")
    assert {code for code in SEES_VILLAGES["department"] if code in text} == SEES_VILLAGES["coordinator"]


def test_the_page_socket_opens_and_the_former_one_does_not(site, sign_in):
    client = sign_in("department")
    former = client.cookies[COOKIE]
    client.post(f"{site.url}/view-as", data={"user": "resident"}, timeout=30)
    address = site.url.replace("http", "ws") + "/_stcore/stream"
    with connect(
        address, additional_headers={"Cookie": f"{COOKIE}={client.cookies[COOKIE]}", "Origin": site.url}
    ):
        pass
    with pytest.raises(InvalidStatus):
        connect(address, additional_headers={"Cookie": f"{COOKIE}={former}", "Origin": site.url}).close()


def test_the_way_back(site, sign_in):
    client = sign_in("department")
    client.post(f"{site.url}/view-as", data={"user": "coordinator"}, timeout=30)
    refused = client.get(f"{site.url}/password", timeout=30)
    assert refused.status_code == 403
    again = client.post(f"{site.url}/view-as", data={"user": "leader"}, allow_redirects=False, timeout=30)
    assert again.status_code == 403
    back = client.post(f"{site.url}/view-as/stop", allow_redirects=False, timeout=30)
    assert (back.status_code, back.headers["location"]) == (303, "/")
    assert client.get(f"{site.url}/password", timeout=30).status_code == 200
    idle = client.post(f"{site.url}/view-as/stop", allow_redirects=False, timeout=30)
    assert (idle.status_code, idle.headers["location"]) == (303, "/")
    store = open_store(str(site.store))
    with store.read() as session:
        rows = session.scalars(select(Audit.action).where(Audit.subject == "coordinator")).all()
    store.close()
    assert rows[-2:] == ["view_as.start", "view_as.stop"]


@pytest.mark.parametrize("user", ["coordinator", "leader", "resident", "auditor"])
def test_nobody_else_may_look_as_others(site, sign_in, user):
    client = sign_in(user)
    answer = client.post(
        f"{site.url}/view-as", data={"user": "department"}, allow_redirects=False, timeout=30
    )
    assert answer.status_code == 403
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_another_site_cannot_start_or_stop_it(site, sign_in):
    client = sign_in("department")
    for path in ("/view-as", "/view-as/stop"):
        answer = client.post(
            f"{site.url}{path}", data={"user": "leader"}, headers=ORIGIN, allow_redirects=False, timeout=30
        )
        assert answer.status_code == 403


def test_a_link_does_not_start_it(site, sign_in):
    client = sign_in("department")
    for path in ("/view-as?user=leader", "/view-as/stop"):
        answer = client.get(f"{site.url}{path}", allow_redirects=False, timeout=30)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert COOKIE not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize("user", ["nobody", "department", "", "'; DROP TABLE account; --"])
def test_crafted_names_start_nothing(site, sign_in, user):
    client = sign_in("department")
    answer = client.post(f"{site.url}/view-as", data={"user": user}, allow_redirects=False, timeout=30)
    assert answer.status_code in (400, 409)
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_a_one_time_password_opens_only_the_page_for_ones_own(site):
    store = open_store(str(site.store))
    password = invite(store, SYSTEM, user="new.comer", role=Role.LEADER, scopes=[""], now=datetime.now(UTC))
    store.close()
    with requests.Session() as client:
        client.post(f"{site.url}/login", data={"user": "new.comer", "password": password}, timeout=30)
        page = client.get(
            f"{site.url}/villages", headers={"Accept": "text/html"}, allow_redirects=False, timeout=30
        )
        assert (page.status_code, page.headers["location"]) == (303, "/password")
        assert client.get(f"{site.url}/download/villages.csv", timeout=30).status_code == 403
        address = site.url.replace("http", "ws") + "/_stcore/stream"
        with pytest.raises(InvalidStatus):
            connect(address, additional_headers={"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}).close()
        same = {"old": password, "new": password, "again": password}
        assert client.post(f"{site.url}/password", data=same, timeout=30).status_code == 400
        own = "quiet water runs deep"
        done = client.post(
            f"{site.url}/password", data={"old": password, "new": own, "again": own}, timeout=30
        )
        assert done.status_code == 200
        assert client.get(f"{site.url}/download/villages.csv", timeout=60).status_code == 200
