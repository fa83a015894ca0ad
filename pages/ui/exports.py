"""The export half of the data page: a layer, a day, a format; personal fields only for a reason."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import streamlit as st

from geo.access import Actor
from geo.exchange.write import export_layer
from geo.frames import LAYERS
from geo.i18n import _
from geo.store.engine import Store
from pages.ui import cached
from pages.ui.downloads import offer_file

FORMATS = ("zip", "gpkg", "geojson", "csv", "xlsx")
LEAST_REASON = 4


def export_panel(store: Store, actor: Actor) -> None:
    """Choose what to take away."""
    form, note = st.columns([1, 2.4])
    with form, st.container(key="form"):
        layer = st.selectbox(_("图层"), list(LAYERS), format_func=lambda name: _(LAYERS[name].label))
        suffix = st.selectbox(_("格式"), FORMATS, format_func=_format_name)
        as_of = st.date_input(_("日期"), cached.first_as_of(store), format="YYYY-MM-DD", key="export_as_of")
        personal, reason = _personal(actor, layer)
        waits = personal and len(reason.strip()) < LEAST_REASON
        offer_file(
            _("下载"),
            lambda: exported(store, actor, layer, suffix, as_of=as_of, personal=personal, reason=reason),
            f"{layer}-{as_of.isoformat()}.{suffix}",
            type="primary",
            disabled=waits,
            width="stretch",
        )
    with note:
        title = _("说明")
        st.html(f'<div class="panel note"><h3>{title}</h3><ul>{_notes()}</ul></div>')


def exported(
    store: Store,
    actor: Actor,
    layer: str,
    suffix: str,
    *,
    as_of: date,
    personal: bool = False,
    reason: str = "",
) -> bytes:
    """The file's bytes; nothing stays on the disk."""
    with tempfile.TemporaryDirectory(prefix="minqing-") as folder:
        path = Path(folder) / f"{layer}-{as_of.isoformat()}.{suffix}"
        export_layer(
            store,
            actor,
            layer,
            path,
            as_of=as_of,
            personal=personal,
            reason=reason.strip(),
            now=datetime.now(UTC),
            chinese=True,
        )
        return path.read_bytes()


def _personal(actor: Actor, layer: str) -> tuple[bool, str]:
    """Whether personal fields are wanted, and why; offered only to roles that may have them."""
    if not actor.sees_positions or not any(column.personal for column in LAYERS[layer].columns):
        return False, ""
    wanted = st.checkbox(_("包含个人信息（姓名、电话、困难情况）"))
    if not wanted:
        return False, ""
    return True, st.text_input(_("用途（必填，将记入审计）"), placeholder=_("例如：七月困难户走访"))


def _format_name(suffix: str) -> str:
    return {
        "zip": _("Shapefile（zip）"),
        "gpkg": "GeoPackage",
        "geojson": "GeoJSON",
        "csv": "CSV",
        "xlsx": "Excel",
    }[suffix]


def _notes() -> str:
    lines = (
        _("只导出您的权限范围内的数据。"),
        _("默认不含个人信息；需要时说明用途，每次都记入审计。"),
        _("不得查看单户的身份，户图层按网格汇总。"),
        _("坐标系为 CGCS2000（EPSG:4490）。"),
    )
    return "".join(f"<li>{line}</li>" for line in lines)
