"""What every command shares: the store's address, the acting account, dates, common options."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.cli.texts import TextOption
from geo.i18n import LANGUAGES, N_, set_language
from geo.settings import ActingSettings

if TYPE_CHECKING:
    from geo.access import Actor
    from geo.store.engine import Store

DEFAULT_USER = "department"

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass
class Place:
    """Where the command works: the address given by ``--store``, before or after the command's name."""

    url: str | None = None


def option(*names: str, **attributes: Any) -> Callable[[_Command], _Command]:
    """`click.option` with a translated help text."""
    return click.option(*names, cls=TextOption, **attributes)


def _choose_store(ctx: click.Context, _option: click.Parameter, url: str | None) -> None:
    place = ctx.ensure_object(Place)
    if url:
        place.url = url


def _choose_language(_ctx: click.Context, _option: click.Parameter, language: str | None) -> None:
    if language:
        set_language(language)


store_option = option(
    "--store",
    metavar="URL",
    expose_value=False,
    callback=_choose_store,
    help=N_("数据库地址；默认取环境变量 MINQING_STORE，再默认为 var/county.gpkg"),
)
language_option = option(
    "--lang",
    type=click.Choice(list(LANGUAGES)),
    expose_value=False,
    is_eager=True,
    callback=_choose_language,
    help=N_("界面语言；默认取环境变量 MINQING_LANG，再默认为中文"),
)
json_option = option("--json", "as_json", is_flag=True, help=N_("在标准输出给出一个 JSON 文档"))
format_option = option(
    "--format",
    "shape",
    type=click.Choice(["table", "json", "csv", "geojson"]),
    default="table",
    help=N_("输出格式：表格、JSON 文档、CSV 或 GeoJSON"),
)
township_option = option("--township", metavar="CODE", default="", help=N_("只看这个乡镇或村"))
as_of_option = option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help=N_("按哪一天的情况；默认今天（示例县为其数据的有效期内）"),
)
known_at_option = option(
    "--known-at",
    metavar="TIME",
    help=N_("按哪一时刻已知的记录（ISO 8601，无时区按 UTC；只写日期为当天结束）；默认现在"),
)


def common(command: _Command) -> _Command:
    """Give a command the options every command has: ``--store`` and ``--lang``."""
    return store_option(language_option(command))


def now() -> datetime:
    """This instant in UTC: the command line holds the clock, `geo` does not."""
    return datetime.now(UTC)


def store_url() -> str | None:
    """The address chosen by ``--store``; None means the default one (`geo.store.engine`)."""
    return click.get_current_context().ensure_object(Place).url


@contextmanager
def opened_store() -> Iterator[Store]:
    """The chosen store, closed at the end; `StoreMissing` when there is none."""
    from geo.store.engine import open_store

    store = open_store(store_url())
    try:
        yield store
    finally:
        store.close()


def acting(store: Store) -> Actor:
    """The account that ``MINQING_USER`` names, else ``department``."""
    from geo.operations.accounts import actor_named

    return actor_named(store, ActingSettings.from_environment().user or DEFAULT_USER)


def chosen_day(store: Store, day: datetime | None) -> date:
    """The day of ``--as-of``, else the store's default for today."""
    from geo.answers.clock import default_as_of

    if day is not None:
        return day.date()
    with store.read() as session:
        return default_as_of(session, now().astimezone().date())


def chosen_territory(store: Store, code: str) -> str:
    """The code of ``--township``; `InputError` when there is no such township or village."""
    from geo.answers.scope import require_territory

    require_territory(store, code)
    return code


def chosen_instant(text: str | None) -> datetime | None:
    """The instant of ``--known-at`` in UTC; a bare date means the end of that day.

    >>> chosen_instant("2026-05-01T08:00:00+08:00").isoformat()
    '2026-05-01T00:00:00+00:00'
    """
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        if _is_day(text):
            instant = datetime.combine(instant, time.max)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError) as fault:  # an offset can lead out of the calendar
        raise click.BadParameter(text, param_hint="--known-at") from fault


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
