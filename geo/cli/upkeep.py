"""backup, restore, verify, audit: keeping the store safe and its history true."""

from __future__ import annotations

import click

from geo.cli.context import acting, common, json_option, opened_store
from geo.cli.output import say, show_document
from geo.cli.texts import TextCommand, TextGroup
from geo.errors import StoreError
from geo.i18n import N_, _


@click.group("audit", cls=TextGroup, help=N_("审计记录。"))
def audit() -> None:
    """Commands about the audit."""


@audit.command("verify", cls=TextCommand, help=N_("核对审计记录是否完整、未被改动。"))
@json_option
@common
def audit_verify(as_json: bool) -> None:
    """Recompute the chain; a broken one ends the command with 3."""
    from geo.access import require_audit
    from geo.store.audit import verify as verify_chain

    with opened_store() as store:
        require_audit(acting(store))
        with store.read() as session:
            check = verify_chain(session)
    if as_json:
        show_document({"rows": check.rows, "first_bad": check.first_bad})
    if not check.is_whole:
        raise StoreError(
            _("审计记录从第 {row} 条起与原来不符，可能被改动过。").format(row=check.first_bad),
            hint=_("请保存现场，并与最近的备份核对。"),
        )
    if not as_json:
        say(_("审计记录完整，共 {rows} 条。").format(rows=check.rows))


COMMANDS = (audit,)
