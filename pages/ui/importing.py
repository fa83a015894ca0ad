"""The import half of the data page: choose, check, look, write."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from geo.access import Actor
from geo.exchange.report import ImportReport
from geo.frames import LAYERS, Layer
from geo.i18n import _
from geo.store.engine import Store
from pages.ui.empty import show_empty
from pages.ui.errors import guarded
from pages.ui.figures import counts_html
from pages.ui.text import plain
from pages.ui.uploads import ImportChoice, run_import

SUFFIXES = ["zip", "gpkg", "geojson", "json", "csv", "xlsx"]
CRS_CHOICES = ["auto", "EPSG:4490", "EPSG:4326", "GCJ02", "BD09"]
ENCODINGS = ["auto", "utf-8", "gb18030"]
MOST_PREVIEWED = 100
_TRIED_KEY, _DONE_KEY = "import_tried", "import_done"


def import_panel(store: Store, actor: Actor) -> None:
    """The form at the left, what it would do at the right."""
    form, result = st.columns([1, 2.4])
    with form, st.container(key="form"):
        upload, choice = _form()
        checked = st.button(_("检查"), type="primary", disabled=upload is None, width="stretch")
    with result:
        if upload is None:
            show_empty(_("请选择文件"), _("选好图层和文件后点“检查”，确认无误再写入。"))
            show_columns(LAYERS[choice.layer])
            return
        guarded(partial(_result, store, actor, upload, choice, checked=checked))


def _form() -> tuple[UploadedFile | None, ImportChoice]:
    layer = st.selectbox(_("图层"), list(LAYERS), format_func=lambda name: _(LAYERS[name].label))
    upload = st.file_uploader(_("文件（zip 打包的 Shapefile、gpkg、geojson、csv、xlsx）"), type=SUFFIXES)
    crs = st.selectbox(_("坐标系"), CRS_CHOICES, format_func=_auto, accept_new_options=True)
    encoding = st.selectbox(_("文字编码"), ENCODINGS, format_func=_auto)
    skip_faulty = st.checkbox(_("跳过有问题的行，写入其余的行"))
    file_id = upload.file_id if upload else ""
    return upload, ImportChoice(file_id, layer, crs or "auto", encoding, skip_faulty)


def _result(store: Store, actor: Actor, upload: UploadedFile, choice: ImportChoice, *, checked: bool) -> None:
    if checked:
        _try(store, actor, upload, choice)
    if not _show_done(choice):
        _show_tried(store, actor, upload, choice)


def _auto(value: str) -> str:
    return _("自动识别") if value == "auto" else value


def _try(store: Store, actor: Actor, upload: UploadedFile, choice: ImportChoice) -> None:
    for key in (_TRIED_KEY, _DONE_KEY):
        st.session_state.pop(key, None)
    report = _run(store, actor, upload, choice, dry_run=True)
    st.session_state[_TRIED_KEY] = (choice, report)


def _run(
    store: Store, actor: Actor, upload: UploadedFile, choice: ImportChoice, *, dry_run: bool
) -> ImportReport:
    bar = st.progress(0.0, text=_("读取文件"))

    def tell(step: str, done: int, total: int) -> None:
        bar.progress(done / total, text=step)

    try:
        return run_import(store, actor, upload, choice, dry_run=dry_run, progress=tell)
    finally:
        bar.empty()


def _show_tried(store: Store, actor: Actor, upload: UploadedFile, choice: ImportChoice) -> None:
    tried, report = st.session_state.get(_TRIED_KEY, (None, None))
    if tried != choice or report is None:
        show_empty(_("先检查，再写入"), _("检查不改动任何数据：会列出新增、更新的行数和有问题的行。"))
        return
    show_report(report)
    may_write = report.added + report.changed > 0 and (choice.skip_faulty or not report.faults)
    if st.button(_("确认写入"), type="primary", disabled=not may_write):
        st.session_state[_DONE_KEY] = (choice, _run(store, actor, upload, choice, dry_run=False))
        st.rerun()
    show_preview(report.frame, LAYERS[report.layer])


def _show_done(choice: ImportChoice) -> bool:
    """Say what became of this file, if it was written; says whether it was."""
    done_for, report = st.session_state.get(_DONE_KEY, (None, None))
    if done_for != choice or report is None:
        return False
    if report.written:
        st.success(_("已写入。") + plain(report.sentence()))
    show_report(report)
    return True


def show_report(report: ImportReport) -> None:
    """Counts, findings and faults of an import or of its trial."""
    counts = [
        (_("读取"), report.read),
        (_("新增"), report.added),
        (_("更新"), report.changed),
        (_("未变"), report.unchanged),
        (_("库中有而文件中没有"), report.missing),
        (_("有问题"), len({fault.row for fault in report.faults})),
    ]
    st.html(counts_html([(name, f"{count:,}") for name, count in counts]))
    for finding in report.findings:
        st.warning(plain(f"{finding.message}（{finding.count:,}） {finding.action}"))
    if report.faults:
        st.error(plain(report.sentence()))
        st.dataframe(faults_table(report), hide_index=True, width="stretch")


def faults_table(report: ImportReport) -> pd.DataFrame:
    """Row, column and reason of every fault, under headings of the user's language."""
    layer = LAYERS[report.layer]
    labels = {column.name: _(column.label) for column in layer.columns} | {"geometry": _("位置")}
    rows = [(fault.row, labels.get(fault.column, fault.column), fault.message) for fault in report.faults]
    return pd.DataFrame(rows, columns=[_("行号"), _("列"), _("问题")])


def show_columns(layer: Layer) -> None:
    """Which columns a file of this layer may bring, and which it must."""
    rows = [(_(column.label), column.name, _("必填") if column.required else "") for column in layer.columns]
    if layer.geometry:
        rows.append((_("位置"), "geometry", _("必填") if layer.geometry_required else ""))
    st.caption(_("“{layer}”图层的列（中英文列名均可）").format(layer=_(layer.label)))
    table = pd.DataFrame(rows, columns=[_("列"), _("英文列名"), _("要求")])
    st.dataframe(table, hide_index=True, width="stretch")


def show_preview(frame: pd.DataFrame, layer: Layer) -> None:
    """The first rows as they will be stored."""
    if frame.empty:
        return
    labels = {column.name: _(column.label) for column in layer.columns}
    shown = frame.head(MOST_PREVIEWED).drop(columns="geometry", errors="ignore").rename(columns=labels)
    st.caption(_("前 {count} 行").format(count=len(shown)))
    st.dataframe(pd.DataFrame(shown), hide_index=True, width="stretch", placeholder="")
