"""plan: who could close the gaps, as a table or document, kept as a draft, or put into effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from geo.cli.changing import (
    DAY,
    dry_run_option,
    ownership_document,
    show_changes,
    submitted,
    yes_option,
)
from geo.cli.context import (
    acting,
    as_of_option,
    chosen_day,
    common,
    format_option,
    json_option,
    now,
    opened_store,
    option,
    township_option,
)
from geo.cli.output import progress_bar, say, show_csv, show_document, show_geojson, show_table
from geo.cli.texts import TextCommand
from geo.errors import InputError
from geo.i18n import N_, _
from geo.rules.gap_kinds import gap_kinds
from geo.vocabulary import ResponsibilityKind, label_of

if TYPE_CHECKING:
    from geo.access import Actor
    from geo.operations.gap_plan import GapPlan
    from geo.store.engine import Store

_STEPS = 1000  # into which the bar divides the work
_MOST_TOLD = 5


@click.command("plan", cls=TextCommand, help=N_("补缺方案：谁来补哪个缺口，使补上的最多、调动最少。"))
@township_option
@option(
    "--kind", "kinds", type=click.Choice(list(gap_kinds())), multiple=True, help=N_("只补这种缺口，可重复")
)
@option("--max-km", type=click.FloatRange(0, min_open=True), help=N_("最远多少公里；默认按规则"))
@option("--strict-units", is_flag=True, help=N_("只用对口单位的人；默认优先"))
@option("--any-post", is_flag=True, help=N_("级别相符即可，职务不限"))
@option("--unit", "units", multiple=True, metavar="CODE", help=N_("只从这个单位派人，可重复"))
@option("--exclude", multiple=True, metavar="CODE", help=N_("不安排此人或此单位，可重复"))
@option("--time-limit", type=click.FloatRange(0, min_open=True), metavar="S", help=N_("最多搜索多少秒"))
@option("--draft", metavar="CODE", help=N_("打开已保存的草案，而不重新计算"))
@option("--drafts", "is_list", is_flag=True, help=N_("列出已保存的草案"))
@option("--save", "name", metavar="NAME", help=N_("以此名称保存为草案"))
@option("--apply", "is_applied", is_flag=True, help=N_("采用方案；不加则只列出"))
@option("--from", "valid_from", type=DAY, metavar="YYYY-MM-DD", help=N_("采用时自哪一天起；默认今天"))
@option("--reason", default="", help=N_("理由（--apply 时必填）"))
@yes_option
@dry_run_option
@as_of_option
@format_option
@json_option
@common
def plan(
    draft: str | None,
    is_list: bool,
    name: str | None,
    is_applied: bool,
    valid_from: datetime | None,
    reason: str,
    yes: bool,
    dry_run: bool,
    as_of: datetime | None,
    shape: str,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show, keep or put into effect a plan that closes gaps."""
    from geo.answers.gap_plan import plan_draft

    shape = "json" if as_json else shape
    with opened_store() as store:
        actor = acting(store)
        if is_list:
            _show_drafts(store, actor, shape)
            return
        found = plan_draft(store, actor, draft) if draft else _proposed(store, actor, as_of, asked)
        document: dict[str, Any] = {**found.document(), "draft": None, "change": None, "state": "proposed"}
        if name is not None:
            document["draft"] = _saved(store, actor, found, name)
        if is_applied:
            _apply(store, actor, found, document, valid_from, reason, shape, yes=yes, dry_run=dry_run)
            return
    _show(found, document, shape)


def _proposed(store: Store, actor: Actor, as_of: datetime | None, asked: Mapping[str, Any]) -> GapPlan:
    from geo.answers.gap_plan import plan_for
    from geo.operations.gap_plan import PlanOptions

    given = {name: value for name, value in asked.items() if value is not None and name != "time_limit"}
    if asked["time_limit"] is not None:
        given["time_limit_s"] = asked["time_limit"]
    day = chosen_day(store, as_of)
    with progress_bar() as progress:
        return plan_for(
            store,
            actor,
            as_of=day,
            options=PlanOptions(**given),
            progress=lambda share, text: progress(text, int(share * _STEPS), _STEPS),
        )


def _saved(store: Store, actor: Actor, found: GapPlan, name: str) -> str:
    from geo.operations.gap_drafts import save_plan

    code = save_plan(store, actor, found, name=name, now=now())
    say(_("已保存草案 {code}。").format(code=code))
    return code


def _apply(
    store: Store,
    actor: Actor,
    found: GapPlan,
    document: dict[str, Any],
    valid_from: datetime | None,
    reason: str,
    shape: str,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Put into effect the rows on which nothing has changed; say which are left out."""
    from geo.operations.gap_plan import changed_rows

    if not reason.strip():
        raise InputError(_("请用 --reason 说明理由。"))
    changed = changed_rows(store, actor, found)
    for row in found.rows[found.rows["row"].isin(changed)].head(_MOST_TOLD).itertuples(index=False):
        say(_("{name}（{code}）此后已有变动，略过。").format(name=row.target_name, code=row.target_code))
    rows = set(found.rows["row"]) - changed
    request = found.request(on=chosen_day(store, valid_from), reason=reason, rows=rows)
    document["skipped"] = sorted(changed)
    document |= submitted(store, actor, request, ownership_document, yes=yes, dry_run=dry_run)
    show_changes([document], as_json=shape == "json", whole=document)


def _show(found: GapPlan, document: Mapping[str, Any], shape: str) -> None:
    if shape == "json":
        show_document(document)
    elif shape == "csv":
        show_csv(found.lines())
    elif shape == "geojson":
        show_geojson(found.lines())
    else:
        _show_rows(found)
        for sentence in _sentences(found):
            say(sentence)


def _show_rows(found: GapPlan) -> None:
    show_table(
        [
            _("缺口"),
            _("责任"),
            _("村"),
            _("对象"),
            _("现责任人"),
            _("由谁负责"),
            _("公里"),
            _("分值"),
            _("说明"),
        ],
        [
            [
                _("、").join(_(gap_kinds()[kind].label) for kind in row.gap_kinds.split(";")),
                label_of(ResponsibilityKind(row.kind)),
                row.village_name,
                row.target_name,
                row.from_name,
                row.to_name,
                None if row.distance_km is None else f"{row.distance_km:.1f}",
                row.weight,
                row.why,
            ]
            for row in found.rows.itertuples(index=False)
        ],
    )


def _sentences(found: GapPlan) -> list[str]:
    from geo.operations.gap_plan_result import optimality

    said = found.figures
    words = _(
        "共 {gaps} 个缺口，可补上 {gaps_closed} 个（分值 {weight_closed:g}/{weight:g}），调动 {moves} 项。"
    )
    lines = [words.format(**said), optimality(said)]
    if said["gaps_beyond"]:
        lines.append(_("另有 {count} 个较轻的缺口没有列入本次方案。").format(count=said["gaps_beyond"]))
    return lines


def _show_drafts(store: Store, actor: Actor, shape: str) -> None:
    from geo.answers.gap_plan import plan_drafts

    found = plan_drafts(store, actor)
    if shape == "json":
        show_document({"drafts": found.astype(object).to_dict("records")})
    elif shape == "csv":
        show_csv(found)
    else:
        show_table(
            [_("代码"), _("名称"), _("保存人"), _("乡镇"), _("日期")],
            found[["code", "name", "user", "township", "as_of"]].astype(object).to_numpy().tolist(),
        )


COMMANDS = (plan,)
