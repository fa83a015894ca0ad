"""rectify: getting villages and branches off the list (挂牌销号), from the listing to the striking off."""

from __future__ import annotations

import click

from geo.cli import rectify_show, rectify_steps, rectify_work
from geo.cli.texts import TextGroup
from geo.i18n import N_


@click.group("rectify", cls=TextGroup, help=N_("挂牌整改：挂牌、方案、任务、佐证、核查、销号。"))
def rectify() -> None:
    """Work on rectifications."""


for _module in (rectify_show, rectify_work, rectify_steps):
    for _command in _module.COMMANDS:
        rectify.add_command(_command)

COMMANDS = (rectify,)
