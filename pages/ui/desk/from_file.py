"""Assigning by a file: a table of who takes what from when, checked row by row before it is looked at."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from geo.access import Actor
from geo.errors import AppError
from geo.i18n import _
from geo.operations.bulk_assign import assign_from_file
from geo.operations.requests import AssignRequest
from geo.store.engine import Store
from pages.ui.desk.state import Desk
from pages.ui.text import plain
from pages.ui.uploads import on_disk

_MOST_FAULTS = 50


def file_form(store: Store, actor: Actor, desk: Desk, *, today: date) -> AssignRequest | None:
    """The assignments of a file; None until there is one without a fault."""
    upload = st.file_uploader(
        _("或按文件指派（csv、xlsx，列：责任类型、责任人代码、对象代码、起始日期、截止日期、主次）"),
        type=["csv", "xlsx"],
        key=f"assign_file_{desk.turn}",
    )
    if upload is None:
        return None
    try:
        with on_disk(upload) as path:
            found = assign_from_file(store, actor, path, today=today)
    except AppError as refusal:
        st.error(plain(str(refusal)))
        return None
    for finding in found.findings:
        st.caption(plain(finding.message))
    if found.faults:
        st.error(
            _("文件有 {count} 处问题，没有提交任何一行。请改好后重新选择。").format(count=len(found.faults))
        )
        rows = [(fault.row, fault.column, fault.message) for fault in found.faults[:_MOST_FAULTS]]
        st.dataframe(pd.DataFrame(rows, columns=[_("行"), _("列"), _("问题")]), hide_index=True)
        return None
    if not found.rows:
        st.info(_("文件里没有可用的行。"))
        return None
    return AssignRequest(rows=found.rows, reason="")
