"""inspection-list: the gaps of each township on paper, to be taken along and checked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from geo.cli.context import (
    acting,
    as_of_option,
    chosen_day,
    chosen_instant,
    chosen_territory,
    common,
    known_at_option,
    now,
    opened_store,
    option,
    township_option,
)
from geo.cli.output import progress_bar, say
from geo.cli.texts import TextCommand
from geo.errors import FileFault
from geo.i18n import N_, _
from geo.rules.gap_kinds import gap_kinds

_STEPS = 1000  # into which the bar divides the work


@click.command(
    "inspection-list", cls=TextCommand, help=N_("覆盖缺口督查清单：按乡镇列出缺口，供打印、核查、签字。")
)
@option(
    "--to",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("文件：.pdf（打印）或 .xlsx"),
)
@township_option
@option(
    "--kind", "kinds", type=click.Choice(list(gap_kinds())), multiple=True, help=N_("只列这种缺口，可重复")
)
@as_of_option
@known_at_option
@common
def inspection_list(
    file: Path, township: str, kinds: tuple[str, ...], as_of: datetime | None, known_at: str | None
) -> None:
    """Write the inspection list as a PDF or a workbook, whichever the file's name says."""
    from geo.answers.inspection_list import FORMATS, inspection_file
    from geo.exchange.write import refuse_place, write_bytes

    shape = FORMATS.get(file.suffix.lower())
    if shape is None:
        raise FileFault(
            _("不能导出为“{suffix}”格式。").format(suffix=file.suffix or _("无后缀的")),
            hint=_("可用格式：{formats}。").format(formats="、".join(FORMATS)),
        )
    with opened_store() as store, progress_bar() as progress:
        refuse_place(store, file)  # before the work, not after it
        content = inspection_file(
            store,
            acting(store),
            shape,
            as_of=chosen_day(store, as_of),
            made_at=now().astimezone(),
            township=chosen_territory(store, township),
            kinds=kinds,
            known_at=chosen_instant(known_at),
            progress=lambda share, text: progress(text, int(share * _STEPS), _STEPS),
        )
        write_bytes(store, content, file)
    say(_("已写出督查清单：{file}").format(file=file))


COMMANDS = (inspection_list,)
