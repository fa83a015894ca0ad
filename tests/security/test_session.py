import pytest
from itsdangerous import URLSafeSerializer

from geo.access import SYSTEM
from geo.operations.accounts import disable_account, set_password
from geo.operations.sessions import session_secret
from geo.store.engine import create_store
from geo.vocabulary import Role
from pages.web.session import RECHECK_S, SessionOver, Sessions, session_cookie
from tests.security.accounts import NOW, PASSWORD, add_account

HOUR = 3600
SECRET = "s" * 40


class Clock:
    def __init__(self):
        self.now = NOW.timestamp()

    def __call__(self):
        return self.now


@pytest.fixture
def store(tmp_path):
    store = create_store(str(tmp_path / "county.gpkg"))
    add_account(store, "department", Role.DEPARTMENT, [""])
    yield store
    store.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(store, clock):
    return make_sessions(store, clock)


def make_sessions(store, clock, *, secret=SECRET):
    return Sessions(store, secret=secret, session_s=8 * HOUR, longest_s=24 * HOUR, clock=clock)


def test_a_session_leads_back_to_its_actor(sessions):
    ticket = sessions.open(sessions.seal(sessions.issue("department")))
    assert sessions.actor(ticket).user == "department"


@pytest.mark.parametrize("value", [None, "", "department", "a.b.c", "....", "é"])
def test_what_is_no_cookie_opens_nothing(sessions, value):
    assert sessions.open(value) is None


def test_a_changed_cookie_opens_nothing(sessions):
    value = sessions.seal(sessions.issue("department"))
    for place in range(len(value) - 1):
        other = "A" if value[place] != "A" else "B"
        assert sessions.open(value[:place] + other + value[place + 1 :]) is None


def test_another_stores_cookie_opens_nothing(sessions, store, clock):
    stranger = make_sessions(store, clock, secret="t" * 40)
    assert sessions.open(stranger.seal(stranger.issue("department"))) is None


def test_a_cookie_signed_for_another_purpose_opens_nothing(sessions):
    ticket = sessions.issue("department")
    fields = [ticket.user, ticket.epoch, ticket.serial, ticket.started, ticket.expires]
    assert sessions.open(URLSafeSerializer(SECRET, salt="other").dumps(fields)) is None


def test_a_session_expires_when_it_is_not_used(sessions, clock):
    value = sessions.seal(sessions.issue("department"))
    clock.now += 8 * HOUR - 1
    ticket = sessions.open(value)
    assert ticket is not None
    clock.now += 1
    assert sessions.open(value) is None
    with pytest.raises(SessionOver):
        sessions.actor(ticket)


def test_use_renews_a_session_but_not_for_ever(sessions, clock):
    ticket, started = sessions.issue("department"), clock.now
    assert sessions.renewed(ticket) is None
    while True:
        clock.now += 2 * HOUR
        renewed = sessions.renewed(ticket)
        if renewed is None:
            break
        assert (renewed.serial, renewed.started) == (ticket.serial, ticket.started)
        ticket = renewed
    assert ticket.expires == started + 24 * HOUR


def test_an_ended_session_is_over_for_copies_after_a_restart_too(sessions, store, clock):
    value = sessions.seal(sessions.issue("department"))
    sessions.actor(sessions.open(value))
    sessions.end(sessions.open(value))
    for those in (sessions, make_sessions(store, clock)):
        with pytest.raises(SessionOver):
            those.actor(those.open(value))


def test_ending_one_session_leaves_the_others(sessions):
    mine, other = sessions.issue("department"), sessions.issue("department")
    sessions.end(mine)
    sessions.end(mine)
    assert sessions.actor(other).user == "department"


def test_a_new_password_ends_all_sessions_within_seconds(sessions, store, clock):
    ticket = sessions.issue("department")
    sessions.actor(ticket)
    set_password(store, SYSTEM, user="department", password=PASSWORD + "!", now=NOW)
    clock.now += RECHECK_S
    with pytest.raises(SessionOver):
        sessions.actor(ticket)


def test_a_disabled_account_is_out_within_seconds(sessions, store, clock):
    add_account(store, "leader", Role.LEADER, [""])
    ticket = sessions.issue("leader")
    sessions.actor(ticket)
    disable_account(store, SYSTEM, user="leader", now=NOW, reason="调离")
    clock.now += RECHECK_S
    with pytest.raises(SessionOver):
        sessions.actor(ticket)


def test_a_checked_session_does_not_ask_the_store_again_at_once(sessions, store, clock):
    ticket = sessions.issue("department")
    assert sessions.known_actor(ticket) is None
    actor = sessions.actor(ticket)
    assert sessions.known_actor(ticket) is actor
    clock.now += RECHECK_S
    assert sessions.known_actor(ticket) is None


def test_the_secret_is_made_once_and_is_long(store):
    assert session_secret(store) == session_secret(store)
    assert len(session_secret(store)) >= 48


def test_the_cookie_is_hidden_from_scripts_and_other_sites():
    cookie = session_cookie("value", secure=True, max_age_s=60)
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in session_cookie("value", secure=False, max_age_s=60)
    assert "Max-Age=0" in session_cookie("", secure=False, max_age_s=0)
