"""click's commands and options with help texts in the user's language.

Texts are marked with ``N_`` where they are declared and translated when help is shown.
"""

from __future__ import annotations

import click

from geo.i18n import _


class TextOption(click.Option):
    """An option whose help text is translated when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Names of the option and its translated help."""
        record = super().get_help_record(ctx)
        return record and (record[0], _shown(self.help))


class TextCommand(click.Command):
    """A command whose help text is translated when it is shown."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated help."""
        _write_help(self, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        """The translated help, whole: the texts are one line each."""
        return _shown(self.help)


class TextGroup(click.Group):
    """A group of commands whose help text is translated when it is shown."""

    command_class = TextCommand

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the translated help."""
        _write_help(self, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        """The translated help, whole: the texts are one line each."""
        return _shown(self.help)


def _write_help(command: click.Command, formatter: click.HelpFormatter) -> None:
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(_shown(command.help))


def _shown(text: str | None) -> str:
    # gettext answers the empty text with the catalogue's header.
    return _(text) if text else ""
