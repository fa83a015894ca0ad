"""数据: files in, after a look at what they would change; layers out."""

from __future__ import annotations

import streamlit as st

from geo.access import Actor
from geo.i18n import _
from geo.vocabulary import Role
from pages.ui.empty import show_empty
from pages.ui.exports import export_panel
from pages.ui.importing import import_panel
from pages.ui.part import page_part
from pages.web.current import current_actor
from pages.web.state import the_store

_IMPORTERS = (Role.DEPARTMENT, Role.COORDINATOR)


def render() -> None:
    """Run the page."""
    desk()


@page_part
def desk() -> None:
    """Import or export, as chosen."""
    actor = current_actor()
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        title = _("数据")
        st.html(f'<h1 class="page-title">{title}</h1>', width="content")
        tasks = {"import": _("导入"), "export": _("导出")}
        task = st.segmented_control(
            _("任务"),
            list(tasks),
            format_func=tasks.__getitem__,
            default="import" if may_import(actor) else "export",
            key="data_task",
            label_visibility="collapsed",
            required=True,
        )
    if task == "export":
        export_panel(the_store(), actor)
    elif may_import(actor):
        import_panel(the_store(), actor)
    else:
        show_empty(_("此账号不能导入数据"), _("县委组织部和网格协调员可以导入；其他身份可以导出所见数据。"))


def may_import(actor: Actor) -> bool:
    """Whether the page offers the import at all; the operation itself checks each row's territory."""
    return actor.role in _IMPORTERS
