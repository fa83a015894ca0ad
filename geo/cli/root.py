"""The command group and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from typing import Any

import click

from geo.cli import (
    answers,
    cells,
    changes,
    county,
    coverage,
    designate,
    files,
    gaps,
    inspection_list,
    ownership,
    plan,
    rectify,
    rules,
    upkeep,
)
from geo.cli.context import Place, common
from geo.cli.output import say
from geo.cli.texts import TextGroup
from geo.errors import AppError, StoreError
from geo.i18n import N_, _, set_language
from geo.settings import PlaceSettings


class Root(TextGroup):
    """The `minqing` group: nobody sees a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; errors of the application end it with a sentence and their exit code."""
        set_language(os.environ.get("MINQING_LANG", "zh"))
        try:
            return super().main(*args, **kwargs)
        except AppError as error:
            say(str(error))
            sys.exit(error.exit_code)
        except Exception:  # the boundary: what nobody foresaw is logged and told in one sentence
            say(
                _("出现意外错误，操作未完成。事件编号 {incident}，详情见 var/minqing.log。").format(
                    incident=_log_incident()
                )
            )
            sys.exit(StoreError.exit_code)


def _log_incident() -> str:
    """Write the exception being handled to the installation's log; give its number."""
    incident = secrets.token_hex(4)
    folder = PlaceSettings.from_environment().home / "var"
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(folder / "minqing.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("minqing.incidents")
    logger.propagate = False
    logger.addHandler(handler)
    logger.exception("incident %s", incident)
    logger.removeHandler(handler)
    handler.close()
    return incident


@click.group(cls=Root, help=N_("民情地图：一个县的村庄、网格与责任。"))
@common
@click.pass_context
def main(ctx: click.Context) -> None:
    """Village map and grid management of one county."""
    ctx.ensure_object(Place)


for _module in (
    county,
    files,
    answers,
    coverage,
    designate,
    rectify,
    gaps,
    inspection_list,
    plan,
    ownership,
    cells,
    changes,
    rules,
    upkeep,
):
    for _command in _module.COMMANDS:
        main.add_command(_command)
