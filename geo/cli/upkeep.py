"""backup, restore, upgrade, verify, audit: keeping the store safe and its history true."""

from __future__ import annotations

from pathlib import Path

import click

from geo.cli.context import acting, common, json_option, now, opened_store, store_url
from geo.cli.output import say, show_document
from geo.cli.texts import TextCommand, TextGroup
from geo.errors import StoreError
from geo.i18n import N_, _


@click.command("backup", cls=TextCommand, help=N_("把数据库备份为一个新文件，可在使用中进行。"))
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@common
def backup(file: Path, as_json: bool) -> None:
    """Copy the store into one new file while others work; for the department only."""
    from geo.access import require_role
    from geo.store.backup import backup_store
    from geo.vocabulary import Role

    with opened_store() as store:
        require_role(acting(store), Role.DEPARTMENT)
        backup_store(store, file)
    if as_json:
        show_document({"file": str(file), "bytes": file.stat().st_size})
    else:
        say(_("已备份到 {file}。").format(file=file))


@click.command("restore", cls=TextCommand, help=N_("用备份替换数据库；原来的另存为 .bak。"))
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@common
def restore(file: Path, as_json: bool) -> None:
    """Put a sound backup in the store's place; asks for no account, as it may be unreadable."""
    from geo.store.backup import restore_store

    restore_store(file, store_url())
    with opened_store() as store:
        address = store.url
    if as_json:
        show_document({"store": address})
    else:
        say(_("已恢复数据库：{store}").format(store=address))


@click.command(
    "upgrade",
    cls=TextCommand,
    help=N_("把旧版本的数据库升级到本程序的版本；文件会先备份在旁边，PostGIS 请先用 pg_dump 备份。"),
)
@json_option
@common
def upgrade(as_json: bool) -> None:
    """Bring the store to this program's revision; asks for no account, as it cannot be opened before."""
    from geo.store.upgrade import upgrade_store

    done = upgrade_store(store_url(), now=now())
    if as_json:
        backup = str(done.backup) if done.backup else None
        show_document({"before": done.before, "after": done.after, "backup": backup})
    elif done.before == done.after:
        say(_("数据库已是版本 {revision}，无需升级。").format(revision=done.after))
    else:
        say(_("数据库已从版本 {before} 升级到 {after}。").format(before=done.before, after=done.after))
        if done.backup:
            say(_("原来的数据库备份在 {file}。").format(file=done.backup))


@click.command("verify", cls=TextCommand, help=N_("检查数据库文件、引用和审计记录。"))
@json_option
@common
def verify(as_json: bool) -> None:
    """Check file, references and audit; anything wrong ends the command with 3."""
    from geo.store.backup import verify_store

    with opened_store() as store:
        check = verify_store(store)
    if as_json:
        show_document(
            {
                "sound": check.is_sound,
                "file_faults": list(check.file_faults),
                "dangling": check.dangling,
                "damaged": check.damaged,
                "audit": {"rows": check.audit.rows, "first_bad": check.audit.first_bad},
            }
        )
    if not check.is_sound:
        raise StoreError(
            _(
                "数据库有问题：文件 {faults} 处，失效引用 {dangling} 处，损坏附件 {damaged} 份，审计{audit}。"
            ).format(
                faults=len(check.file_faults),
                dangling=check.dangling,
                damaged=check.damaged,
                audit=_("完整") if check.audit.is_whole else _("被改动过"),
            ),
            hint=_("请保存现场，并用最近的备份恢复。"),
        )
    if not as_json:
        say(_("数据库完好，审计记录 {rows} 条。").format(rows=check.audit.rows))


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


COMMANDS = (backup, restore, upgrade, verify, audit)
