"""What a database complains about, said in the user's language; its own words stay in the cause."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from geo.errors import ConflictError, StoreError
from geo.i18n import _


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what SQLAlchemy raises inside into `StoreError` and `ConflictError`."""
    try:
        yield
    except StaleDataError as fault:
        raise ConflictError(
            _("这条记录刚刚被别人修改过。"), hint=_("请刷新后核对最新内容，再重新操作。")
        ) from fault
    except DBAPIError as fault:
        raise in_words(fault.orig or fault) from fault
    except sqlite3.Error as fault:  # from the driver itself, which a few things are asked of directly
        raise in_words(fault) from fault


def in_words(fault: BaseException) -> StoreError:
    """The `StoreError` for a driver's exception."""
    said = str(fault).lower()
    kinds = {kind.__name__ for kind in type(fault).__mro__}
    if "locked" in said or "busy" in said:
        return StoreError(_("数据库正忙，有其他程序正在写入。"), hint=_("请稍后再试。"))
    if "append-only" in said:
        return StoreError(_("审计记录只能追加，不能修改或删除。"))
    if kinds & {"IntegrityError", "DataError"}:
        return StoreError(
            _("数据不符合库中的约束（代码重复、所指代码不存在、必填项为空或几何类型不符）。"),
            hint=_("没有写入任何内容，请核对数据后再试。"),
        )
    if "readonly" in said or "read-only" in said or "permission denied" in said:
        return StoreError(_("数据库不可写。"), hint=_("请检查文件或账号的写入权限。"))
    if "disk" in said:
        return StoreError(_("数据库写入失败：磁盘空间不足或磁盘出错。"), hint=_("请检查磁盘后再试。"))
    return StoreError(_("数据库读写失败。"), hint=_("请检查数据库是否完好、服务是否可用。"))
