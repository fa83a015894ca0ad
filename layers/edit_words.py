"""What the map says while somebody draws: hints for each step, and the names of its few buttons."""

from __future__ import annotations

from typing import Any

from geo.i18n import _, current_language
from layers import styles
from layers.edit import Mode


def editing_words() -> dict[str, Any]:
    """Texts and looks for drawing in the browser (`layers/browser/edit.js`), in this context's language.

    ``hints`` has for each mode what to do at first, after the first corner, and when it could be finished.
    """
    onward = _("继续单击加点；退格键撤回一点，Esc 取消。")
    finish_line = _("继续单击加点，双击或按回车键完成；退格键撤回一点，Esc 取消。")
    finish_area = _("继续单击加点，双击、单击起点或按回车键完成；退格键撤回一点，Esc 取消。")
    hints: dict[Mode, list[str]] = {
        Mode.CLICK: [_("单击网格：选中或取消选中。")],
        Mode.BOX: [_("按住左键拖出一个方框：多半在框内的网格即被选中。")],
        Mode.LASSO: [_("按住左键圈出一片：多半在圈内的网格即被选中。")],
        Mode.SPLIT: [_("单击画分割线的起点，从网格外或边界上开始。"), onward, finish_line],
        Mode.DRAW: [_("单击画新网格的第一个角点；靠近已有边界会自动对齐。"), onward, finish_area],
        Mode.REDRAW: [_("拖动角点改边界，拖动边上的小点加点，右键单击角点删点；按回车键完成。")],
    }
    return {
        "language": current_language(),
        "hints": {str(mode): texts for mode, texts in hints.items()},
        "drawn": _("已画好，请在旁边核对。"),
        "crosses": _("边界不能自相交叉，这一步已退回。"),
        "buttons": {
            "finish": _("完成"),
            "undo": _("撤回一点"),
            "cancel": _("取消"),
            "again": _("重画"),
            "resume": _("继续修改"),
        },
        "accent": styles.ACCENT,
        "ink": styles.INK,
    }
