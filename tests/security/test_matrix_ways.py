"""The same table by the other ways in: the command, the server's routes and exported files."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import select

from geo.access import SYSTEM
from geo.cli import main
from geo.exchange.write import export_layer
from geo.frames import LAYERS
from geo.operations.accounts import disable_account, enable_account
from geo.store.changes import PENDING
from geo.store.engine import Store, open_store
from geo.store.models import Audit
from layers.registry import MAP_LAYERS
from pages.web.session import COOKIE, RECHECK_S
from tests.browser.server import Site, running_site
from tests.security.accounts import PASSWORD
from tests.security.matrix_county import (
    ACCOUNTS,
    NOW,
    OWN,
    SET_RULE,
    SOUTH,
    STEP,
    TODAY,
    VILLAGES,
    WEST,
    actor_of,
    cell_of,
    fingerprint,
    home_of,
    leaked,
    make_matrix_county,
    record_over,
    square,
)
from tests.security.matrix_gaps import PLANNING, homes_told
from tests.security.matrix_rectify_ways import RECTIFY_COMMANDS, put_all_on_the_list
from tests.security.matrix_table import (
    ALL,
    DEPARTMENT,
    PERSONAL,
    REACHES,
    WRITERS,
    assignments_file,
    change_in,
    households_file,
)
from tests.security.test_scope import tiles_over_the_county

USERS = ("coordinator", "neighbour", "village", "leader", "resident", "auditor")
DAY = TODAY.isoformat()
BECAUSE = ("--reason", "调整")
WHY = (*BECAUSE, "--yes")


def _plan(village: str, *more: object) -> list[object]:
    return ["plan", "--township", village, "--as-of", DAY, "--time-limit", 2, *more]


Words = Callable[[Store, str], list[object]]
COMMANDS: dict[str, tuple[Words, frozenset, bool]] = {
    "assign": (
        lambda _s, v: [
            "assign",
            cell_of(v),
            "--kind",
            "grid_officer",
            "--to",
            "o-free",
            "--from",
            DAY,
            *BECAUSE,
        ],
        WRITERS,
        True,
    ),
    "assign by file": (
        lambda s, v: ["assign", "--file", assignments_file(s, v), *BECAUSE],
        WRITERS,
        True,
    ),
    "end": (
        lambda _s, v: ["end", cell_of(v), "--kind", "grid_officer", "--to-date", DAY, *BECAUSE],
        WRITERS,
        True,
    ),
    "correct": (
        lambda s, v: ["correct", record_over(s, cell_of(v)), "--holder", "o-free", *WHY],
        WRITERS,
        True,
    ),
    "withdraw": (lambda s, v: ["withdraw", record_over(s, cell_of(v)), *WHY], WRITERS, True),
    "handover": (
        lambda _s, v: ["handover", f"o-{v}", "--to", "o-free", "--date", DAY, *WHY],
        WRITERS,
        True,
    ),
    "split": (lambda _s, v: ["cell", "split", cell_of(v), "--into", 2, "--date", DAY, *WHY], WRITERS, True),
    "merge": (
        lambda _s, v: ["cell", "merge", cell_of(v), cell_of(v, 2), "--date", DAY, *WHY],
        WRITERS,
        True,
    ),
    "retire": (lambda _s, v: ["cell", "retire", cell_of(v), "--date", DAY, *WHY], WRITERS, True),
    "redraw": (
        lambda _s, v: [
            "cell",
            "redraw",
            cell_of(v),
            "--shape",
            square(v, 0, 0, 0.4, 0.8).wkt,
            "--date",
            DAY,
            *WHY,
        ],
        WRITERS,
        True,
    ),
    "create": (
        lambda _s, v: ["cell", "create", v, "--shape", square(v, 0, 0.8, 1, 1).wkt, "--date", DAY, *WHY],
        WRITERS,
        True,
    ),
    "reverse": (lambda s, v: ["reverse", change_in(s, v), "--date", DAY, *WHY], WRITERS, True),
    "undo another's": (
        lambda s, v: ["undo", change_in(s, v), "--reason", "撤"],
        DEPARTMENT,
        True,
    ),
    "approve": (lambda s, v: ["approve", change_in(s, v, PENDING)], DEPARTMENT, True),
    "reject": (lambda s, v: ["reject", change_in(s, v, PENDING), "--reason", "不妥"], DEPARTMENT, True),
    "approval": (lambda _s, v: ["approval", v[:9], "on", "--reason", "换届"], DEPARTMENT, True),
    "designate": (
        lambda _s, v: ["designate", v, "--label", "weak", "--from", DAY, "--reason", "涣散"],
        DEPARTMENT,
        True,
    ),
    "set a threshold": (
        lambda _s, _v: ["rules", "set", SET_RULE, 50, "--from", DAY, *BECAUSE],
        DEPARTMENT,
        True,
    ),
    "take a threshold back": (
        lambda _s, _v: ["rules", "withdraw", SET_RULE, "--from", DAY, *BECAUSE],
        DEPARTMENT,
        True,
    ),
    "import": (lambda s, v: ["import", households_file(s, v), "--as", "households"], WRITERS, True),
    "try an import": (
        lambda s, v: ["import", households_file(s, v), "--as", "households", "--dry-run"],
        WRITERS,
        False,
    ),
    "backup": (lambda s, _v: ["backup", s.path.with_name("copy.gpkg")], DEPARTMENT, False),
    "who": (lambda _s, v: ["who", cell_of(v), "--as-of", DAY], ALL, False),
    "who, a household": (lambda _s, v: ["who", home_of(v), "--as-of", DAY], ALL, False),
    "propose": (lambda _s, v: ["cell", "propose", v, "--count", 2, "--date", DAY], ALL, False),
    "changes": (lambda _s, v: ["changes", "--township", v], ALL, False),
    "coverage": (lambda _s, v: ["coverage", "--township", v, "--as-of", DAY], ALL, False),
    "coverage by villages": (
        lambda _s, v: ["coverage", "--by", "village", "--township", v, "--as-of", DAY],
        ALL,
        False,
    ),
    "inspection list": (
        lambda s, v: [
            "inspection-list",
            "--to",
            s.path.with_name("list.pdf"),
            "--township",
            v,
            "--as-of",
            DAY,
        ],
        ALL,
        False,
    ),
    "chain": (lambda _s, v: ["chain", "--township", v, "--as-of", DAY], ALL, False),
    "gaps": (lambda _s, v: ["gaps", "--township", v, "--as-of", DAY], ALL, False),
    "gaps as features": (
        lambda _s, v: ["gaps", "--township", v, "--as-of", DAY, "--format", "geojson"],
        ALL,
        False,
    ),
    "diff": (lambda _s, v: ["diff", "2025-10-01", DAY, "--township", v, "--format", "csv"], ALL, False),
    "plan": (lambda _s, v: _plan(v, "--format", "geojson"), PLANNING, False),
    "plan kept": (lambda _s, v: _plan(v, "--save", "草案"), PLANNING, True),
    "plan put into effect": (lambda _s, v: _plan(v, "--apply", *WHY), WRITERS, True),
}
"""What the command does in a village, who may, and whether it writes."""
COMMANDS |= RECTIFY_COMMANDS
OPEN_COMMANDS = (
    ["who", "o-both", "--as-of", DAY],
    ["who", "o-free", "--as-of", DAY],
    ["villages", "--as-of", DAY],
    ["coverage", "--as-of", DAY],
    ["coverage", "--by", "village", "--as-of", DAY],
    ["chain", "--as-of", DAY],
    ["gaps", "--as-of", DAY],
    ["diff", "2025-10-01", DAY],
    ["changes"],
    ["rules", "--as-of", DAY],
    ["rules", "history", SET_RULE],
    ["rectify", "list", "--as-of", DAY],
)


OF_NO_PLACE = {"audit verify", "export", "villages", "rules history"}
"""Commands that take no place; each has a test of its own."""
ASK_NOBODY = {
    "init": "there is no account yet",
    "restore": "the store may be unreadable",
    "upgrade": "the store cannot be opened before",
    "serve": "whoever asks the server signs in",
    "status": "counts of the whole store, for whoever has its file",
    "verify": "whether the file is sound, for whoever has it",
}


def test_every_command_stands_in_a_table(county):
    found, groups = set(), set()
    for name, command in _subcommands(main).items():
        inner = _subcommands(command)
        found |= {f"{name} {each}" for each in inner} or {name}
        groups |= {name} if inner else set()
    asked = [words(county, OWN) for words, _roles, _writes in COMMANDS.values()]
    tabled = {f"{words[0]} {words[1]}" if words[0] in groups else words[0] for words in asked}
    assert found == tabled | OF_NO_PLACE | ASK_NOBODY.keys()


def _subcommands(command: click.Command) -> dict[str, click.Command]:
    if not isinstance(command, click.Group):
        return {}
    context = click.Context(command)
    return {name: command.get_command(context, name) for name in command.list_commands(context)}


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("ways") / "county.gpkg"
    make_matrix_county(path)
    store = open_store(str(path))
    put_all_on_the_list(store)
    disable_account(store, SYSTEM, user="closed", now=NOW, reason="离岗")
    store.close()
    return path


@pytest.fixture
def county(template, tmp_path) -> Iterator[Store]:
    path = tmp_path / "county.gpkg"
    shutil.copy(template, path)
    store = open_store(str(path))
    yield store
    store.close()


def call(store, user, words):
    environment = {
        "MINQING_USER": user,
        "MINQING_STORE": str(store.path),
        "MINQING_HOME": str(store.path.parent),
    }
    return CliRunner().invoke(main, [str(word) for word in words], env=environment)


def hidden_from(user):
    return [village for village in VILLAGES if village not in REACHES[user]]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_refuses_what_the_operation_refuses(county, command):
    words, roles, _writes = COMMANDS[command]
    before = fingerprint(county.path)
    for user in USERS:
        for village in VILLAGES:
            if ACCOUNTS[user][0] in roles and village in REACHES[user]:
                continue
            asked = words(county, village)
            result = call(county, user, asked)
            assert result.exit_code == 1, (user, village, result.output)
            assert "Traceback" not in result.output
            given = [*map(str, asked), cell_of(village), home_of(village)]
            assert leaked(result.output, hidden_from(user), given=given) == [], (user, village)
    result = call(county, "closed", words(county, OWN))
    assert result.exit_code == 1
    assert fingerprint(county.path) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_does_what_is_allowed(county, command):
    words, roles, writes = COMMANDS[command]
    user = "coordinator" if ACCOUNTS["coordinator"][0] in roles else "department"
    before = fingerprint(county.path)
    result = call(county, user, words(county, OWN))
    assert result.exit_code == 0, result.output
    assert (fingerprint(county.path) != before) is writes
    assert leaked(result.output, hidden_from(user)) == []


@pytest.mark.parametrize("user", USERS)
def test_commands_open_to_all_tell_nothing_out_of_scope(county, user):
    for words in OPEN_COMMANDS:
        for more in ((), ("--json",)):
            result = call(county, user, [*words, *more])
            assert result.exit_code == 0, result.output
            assert leaked(result.output, hidden_from(user)) == [], words


@pytest.mark.parametrize("user", ["leader", "auditor"])
@pytest.mark.parametrize("shape", ["table", "json", "csv", "geojson"])
def test_gaps_are_written_without_households_for_who_may_not_see_single_ones(county, user, shape):
    for words in (["gaps", "--as-of", DAY], ["diff", "2025-10-01", DAY]):
        result = call(county, user, [*words, "--format", shape])
        assert result.exit_code == 0, result.output
        assert homes_told(result.output) == [], words
        assert homes_told(call(county, "coordinator", [*words, "--format", "csv"]).output)


def test_plans_and_drafts_on_the_command_line_tell_ones_own(county):
    for user in USERS:
        for words in (["plan", "--as-of", DAY, "--time-limit", 2, "--json"], ["plan", "--drafts"]):
            result = call(county, user, words)
            assert result.exit_code == (0 if ACCOUNTS[user][0] in PLANNING else 1), result.output
            assert leaked(result.output, hidden_from(user)) == [], words
            assert user != "leader" or homes_told(result.output) == []


@pytest.mark.parametrize("user", USERS)
def test_who_verifies_the_audit(county, user):
    result = call(county, user, ["audit", "verify"])
    assert result.exit_code == (0 if user == "auditor" else 1), result.output


@pytest.mark.parametrize("user", USERS)
def test_who_exports_personal_fields_and_that_it_is_logged(county, tmp_path, user):
    before = fingerprint(county.path)
    words = ["export", "households", "--to", tmp_path / "homes.csv", "--personal"]
    assert call(county, user, words).exit_code in (1, 2)
    assert fingerprint(county.path) == before
    result = call(county, user, [*words, "--reason", "慰问"])
    if ACCOUNTS[user][0] not in PERSONAL:
        assert result.exit_code == 1
        assert not (tmp_path / "homes.csv").exists()
        assert fingerprint(county.path) == before
        return
    assert result.exit_code == 0, result.output
    held = _text_of(tmp_path / "homes.csv")
    assert "某户主" in held
    assert leaked(held, hidden_from(user)) == []
    with county.read() as session:
        row = session.scalars(select(Audit).order_by(Audit.id.desc()).limit(1)).one()
    assert (row.action, row.user, row.reason) == ("export.personal", user, "慰问")
    assert "某户主" not in str((row.before, row.after))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("suffix", ["csv", "geojson", "gpkg"])
def test_exports_hold_ones_own(county, tmp_path, layer, suffix):
    if suffix == "geojson" and LAYERS[layer].geometry is None:
        suffix = "xlsx"
    before = fingerprint(county.path)
    for user in USERS:
        file = tmp_path / f"{user}.{suffix}"
        export_layer(county, actor_of(user), layer, file, as_of=TODAY)
        held = _text_of(file)
        assert leaked(held, hidden_from(user)) == [], user
        assert "某户主" not in held
        assert "13900000000" not in held
    assert fingerprint(county.path) == before


def _text_of(file: Path) -> str:
    if file.suffix in (".xlsx",):
        import pandas as pd

        return pd.concat(pd.read_excel(file, sheet_name=None, dtype=str)).to_csv()
    return file.read_bytes().decode("utf-8", "replace")


@pytest.fixture(scope="module")
def site(template, tmp_path_factory) -> Iterator[Site]:
    path = tmp_path_factory.mktemp("site") / "county.gpkg"
    shutil.copy(template, path)
    store = open_store(str(path))
    enable_account(store, SYSTEM, user="closed", now=NOW, reason="返岗")
    store.close()
    with running_site(path) as running:
        yield running


@pytest.fixture(scope="module")
def cookies(site) -> dict[str, dict[str, str]]:
    """A session of each account, and one of the department that looks as the coordinator."""
    found = {}
    for user in (*USERS, "closed", "second"):
        found[user] = dict(_signed_in(site, user).cookies)
    with _signed_in(site, "department") as client:
        client.post(f"{site.url}/view-as", data={"user": "coordinator"}, timeout=30)
        found["as coordinator"] = {COOKIE: client.cookies[COOKIE]}
    return found


def _signed_in(site, user) -> requests.Session:
    client = requests.Session()
    answer = client.post(
        f"{site.url}/login", data={"user": user, "password": PASSWORD}, allow_redirects=False, timeout=30
    )
    assert answer.status_code == 303
    return client


def _get(site, cookies, user, path, **query):
    return requests.get(f"{site.url}{path}", query, cookies=cookies[user], allow_redirects=False, timeout=60)


LOOKERS = (*USERS, "as coordinator")


@pytest.mark.parametrize("user", LOOKERS)
def test_downloads_hold_ones_own(site, cookies, user):
    for layer in LAYERS:
        answer = _get(site, cookies, user, f"/download/{layer}.csv", as_of=DAY)
        assert answer.status_code == 200, layer
        assert leaked(answer.content.decode("utf-8-sig"), hidden_from(user)) == [], layer
        assert "某户主" not in answer.text


@pytest.mark.parametrize("user", LOOKERS)
def test_tiles_hold_ones_own(site, cookies, user):
    for layer in MAP_LAYERS:
        for x, y in tiles_over_the_county():
            answer = _get(site, cookies, user, f"/tiles/{layer}/14/{x}/{y}.pbf", as_of=DAY)
            assert answer.status_code in (200, 204), layer
            held = answer.content.decode("utf-8", "replace")
            assert leaked(held, hidden_from(user)) == [], layer


@pytest.mark.parametrize("user", LOOKERS)
def test_places_and_versions_tell_ones_own(site, cookies, user):
    for village in VILLAGES:
        lon = WEST + STEP * (VILLAGES.index(village) + 0.25)
        answer = _get(site, cookies, user, "/api/place", lon=lon, lat=SOUTH + STEP / 4, as_of=DAY)
        assert leaked(answer.text, hidden_from(user)) == []
        assert answer.json()["restricted"] is (village in hidden_from(user))
    assert set(_get(site, cookies, user, "/api/versions").json()) == {"version"}
    said = _get(site, cookies, user, "/api/stale", since="x", tiles="10/845/404", as_of=DAY)
    assert said.json() == {"stale": ["10/845/404"]}


@pytest.mark.parametrize("user", LOOKERS)
@pytest.mark.parametrize("wanted", ["department", "coordinator", "neighbour"])
def test_only_the_department_looks_as_others(site, cookies, user, wanted):
    before = fingerprint(site.store)
    answer = requests.post(
        f"{site.url}/view-as", data={"user": wanted}, cookies=cookies[user], allow_redirects=False, timeout=30
    )
    assert answer.status_code == 403
    assert fingerprint(site.store) == before


def test_a_cookie_outlives_its_account_by_no_more_than_a_moment(site, cookies):
    paths = [
        "/download/cells.csv",
        "/tiles/cells/14/13519/6467.pbf",
        "/api/place?lon=117.01&lat=35.51",
        "/api/versions",
        "/api/stale",
        "/view-as",
        "/password",
        "/villages",
    ]
    assert _get(site, cookies, "closed", "/api/versions").status_code == 200
    store = open_store(str(site.store))
    disable_account(store, SYSTEM, user="closed", now=NOW, reason="离岗")
    store.close()
    deadline = time.monotonic() + RECHECK_S + 5
    while _get(site, cookies, "closed", "/api/versions").status_code == 200:
        assert time.monotonic() < deadline
    for path in paths:
        assert _get(site, cookies, "closed", path).status_code == 401, path
    upload = requests.put(
        f"{site.url}/_stcore/upload_file/s/f", files={"f": b"x"}, cookies=cookies["closed"], timeout=30
    )
    assert upload.status_code == 401
