"""init, serve, status: a county's store from its making to its daily use."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geo.cli.context import common, json_option, now, opened_store, option, store_url
from geo.cli.output import progress_bar, say, show_document, show_table
from geo.cli.texts import TextCommand
from geo.errors import FileFault, InputError, RuleError, StoreError, StoreMissing
from geo.i18n import N_, _

if TYPE_CHECKING:
    from geo.store.engine import Store

FIRST_ACCOUNT = "department"


@click.command("init", cls=TextCommand, help=N_("新建数据库：空库，或带示例县（--sample）。"))
@option("--sample", is_flag=True, help=N_("载入示例县的数据和账号"))
@option("--villages", type=click.IntRange(min=1), help=N_("示例县的村数（默认用随附的 880 村数据）"))
@option("--households", type=click.IntRange(min=1), help=N_("示例县的户数"))
@option("--seed", type=int, help=N_("示例县的随机种子"))
@option("--county", metavar="CODE", help=N_("县代码，六位数字；不给则由第一份导入的数据确定"))
@option("--name", "county_name", help=N_("县名，与 --county 一起用"))
@option("--password", help=N_("账号 department 的密码；不给则随机生成并显示一次"))
@option(
    "--password-file",
    type=click.Path(path_type=Path),
    help=N_("从文件第一行读取密码"),
)
@json_option
@common
def init(
    sample: bool,
    villages: int | None,
    households: int | None,
    seed: int | None,
    county: str | None,
    county_name: str | None,
    password: str | None,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Make a store: empty with its first account, or with the sample county."""
    if not sample and (villages or households or seed is not None):
        raise click.UsageError(_("--villages、--households、--seed 只与 --sample 一起用。"))
    if sample and (county or county_name or password or password_file):
        raise click.UsageError(_("示例县的代码、账号和密码是固定的，不能与 --sample 一起指定。"))
    if password_file:
        password = _first_line(password_file)
    if sample and (villages or households):
        _require_size(villages, households)
    _refuse_existing()
    if sample:
        document = _make_sample(villages, households, seed)
    else:
        document = _make_empty(county, county_name, password)
    if as_json:
        show_document(document)
        return
    say(_("已建立数据库：{store}").format(store=document["store"]))
    if document.get("password"):
        show_table([_("账号"), _("密码（只显示这一次）")], [[document["user"], document["password"]]])


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise FileFault(
            _("找不到文件“{name}”。").format(name=file.name), hint=_("请检查路径和文件名。")
        ) from fault


def _require_size(villages: int | None, households: int | None) -> None:
    from seeds.size import SAMPLE_HOUSEHOLDS, SAMPLE_VILLAGES, Size

    try:
        Size.of(villages or SAMPLE_VILLAGES, households or SAMPLE_HOUSEHOLDS)
    except ValueError as fault:
        raise InputError(_("示例县至少要有 12 个村，每村至少 8 户。")) from fault


def _refuse_existing() -> None:
    from geo.store.engine import open_store

    try:
        open_store(store_url()).close()
    except StoreMissing:
        return
    raise _taken()


def _taken() -> RuleError:
    return RuleError(_("这里已有数据库，未作改动。"), hint=_("如要另建，请用 --store 指定另一个地址。"))


def _make_sample(villages: int | None, households: int | None, seed: int | None) -> dict[str, Any]:
    """A store with the sample county: the shipped one, or one of another size or seed."""
    from seeds.load import load_sample

    with _new_store() as store, progress_bar() as progress:
        load_sample(store, villages=villages, households=households, seed=seed, now=now(), progress=progress)
    return {"store": _address(), "user": FIRST_ACCOUNT}


def _make_empty(county: str | None, county_name: str | None, password: str | None) -> dict[str, Any]:
    """A store with the county, if it was said, and one account."""
    from geo.access import SYSTEM
    from geo.operations.accounts import create_account
    from geo.operations.county import init_county
    from geo.vocabulary import Role

    given = password or secrets.token_urlsafe(12)
    with _new_store() as store:
        create_account(
            store, SYSTEM, user=FIRST_ACCOUNT, role=Role.DEPARTMENT, scopes=[""], password=given, now=now()
        )
        if county:
            init_county(store, SYSTEM, code=county, name=county_name or county, now=now())
    return {
        "store": _address(),
        "county": county,
        "user": FIRST_ACCOUNT,
        "password": None if password else given,
    }


@contextmanager
def _new_store() -> Iterator[Store]:
    """An empty store to be filled.

    A file appears at its address only when all of it is made, so that an interrupted `init` leaves nothing
    that could be taken for a store. A PostGIS database is filled in place.
    """
    from geo.store.engine import create_store, parse_store_url

    address = parse_store_url(store_url())
    if not address.drivername.startswith("gpkg"):
        with closing(create_store(store_url())) as store:
            yield store
        return
    file = Path(address.database or "")
    with _scratch_folder(file.parent) as folder:
        draft = folder / file.name
        with closing(create_store(str(draft))) as store:
            yield store
        try:
            file.touch(exist_ok=False)  # renaming alone would replace what another `init` made meanwhile
        except FileExistsError as fault:
            raise _taken() from fault
        draft.replace(file)


@contextmanager
def _scratch_folder(parent: Path) -> Iterator[Path]:
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".init-", dir=parent)
    except OSError as fault:
        raise StoreError(
            _("无法在该位置建立数据库。"), hint=_("请检查目录是否存在、是否有写入权限。")
        ) from fault
    with folder as name:
        yield Path(name)


def _address() -> str:
    with opened_store() as store:
        return store.url


@click.command("status", cls=TextCommand, help=N_("数据库的地址、版本和各图层的记录数。"))
@json_option
@common
def status(as_json: bool) -> None:
    """Show where the store is and how much is in it."""
    from geo.answers.status import status as store_status

    with opened_store() as store:
        document = store_status(store)
    if as_json:
        show_document(document)
        return
    say(
        _("数据库：{store}（结构 {schema}，数据版本 {version}）").format(
            store=document["store"], schema=document["schema"], version=document["data_version"]
        )
    )
    show_table([_("图层"), _("记录数")], document["counts"].items())


@click.command("serve", cls=TextCommand, help=N_("启动网页服务。"))
@option(
    "--host", default="127.0.0.1", envvar="MINQING_ADDRESS", help=N_("监听地址，默认 127.0.0.1（仅本机）")
)
@option(
    "--port", default=8501, envvar="MINQING_PORT", type=click.IntRange(1, 65535), help=N_("端口，默认 8501")
)
@common
def serve(host: str, port: int) -> None:
    """Run the web application on one port until it is stopped."""
    with opened_store() as store:
        address = store.url
    if url := store_url():
        os.environ["MINQING_STORE"] = url
    listener = _listen(host, port)
    say(
        _("民情地图：http://{host}:{port}（数据库 {store}；按 Ctrl+C 停止）").format(
            host=host, port=port, store=address
        )
    )
    _run_server(listener)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as fault:
        raise InputError(
            _("不能在 {host}:{port} 上启动服务，端口可能已被占用。").format(host=host, port=port),
            hint=_("请停止原有服务，或用 --port 换一个端口。"),
        ) from fault


def _run_server(listener: socket.socket) -> None:
    """Serve until the process is told to stop; open websockets are given three seconds to close."""
    import uvicorn

    configuration = uvicorn.Config(
        "app:app",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # uvicorn would believe any program of this machine; our own setting decides
        timeout_graceful_shutdown=3,
    )
    with suppress(KeyboardInterrupt):  # Ctrl+C is the usual way to stop, not a failure
        uvicorn.Server(configuration).run(sockets=[listener])


COMMANDS = (init, serve, status)
