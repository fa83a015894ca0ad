"""The bar above everything while the department looks at the system as another account."""

from __future__ import annotations

from html import escape

import streamlit as st

from geo.access import Actor
from geo.i18n import _


def viewbar(actor: Actor) -> None:
    """Say as whom one is looking, with a button that ends it; nothing for everybody else."""
    if not actor.viewer:
        return
    said = _("正在以“{user}”的身份查看（只读）").format(user=actor.user)
    end = _("结束")
    st.html(
        f'<div class="view-as" role="status"><span>{escape(said)}</span>'
        f'<form method="post" action="/view-as/stop"><button>{escape(end)}</button></form></div>'
    )
