"""The one table of column names: canonical names, their DBF short names and the variants people write.

Names are compared after `normal_name`: full-width forms folded, case, spaces, ``_`` and ``-`` dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from geo.errors import FileFault
from geo.frames import Layer
from geo.i18n import _

LON, LAT = "lon", "lat"
_SHOWN_COLUMNS = 12
LAST_DAY = "last_day"
"""A Chinese end date (截止日期): the last day itself, where ``valid_to`` is the day after."""
TOWNSHIP_NAME, COUNTY_NAME = "township_name", "county_name"

SHORT_NAMES: dict[str, str] = {
    "village_code": "vill_code",
    "township_code": "town_code",
    "old_revolutionary": "old_rev",
    "ethnic_minority": "minority",
    "holder_code": "holder",
    "target_code": "target",
    "parent_code": "parent",
    "village_codes": "vill_codes",
    "party_members": "party_mem",
    "new_members_3y": "new_mem_3y",
    "reserve_cadres": "reserve",
    "people_away": "away",
    "people_farming": "farming",
    "assessment_rank": "assess_rk",
    "candidate_list_ready": "cand_ready",
    "income_total_yuan": "inc_total",
    "income_own_yuan": "inc_own",
    "secretary_vacant_since": "sec_vacant",
    "disputes_open": "disputes",
    "satisfaction_ratio": "satisf",
    "organization_complete": "org_compl",
    "reported_on": "reported",
}
"""Canonical name → DBF name of at most ten characters; the others are short enough as they are."""

_CODE = (
    "代码",
    "编码",
    "编号",
    "行政区划代码",
    "区划代码",
    "区划码",
    "XZQDM",
    "adcode",
    "gb",
    "code12",
    "source_adcode",
)
_NAME = ("名称", "地名", "行政区名称", "行政区划名称", "XZQMC", "mc")
_VILLAGE = ("村代码", "村编码", "行政村代码", "所在村代码", "所属村代码", "社区代码", "统计用区划代码")
_FROM = ("起始日期", "开始日期", "生效日期", "启用日期", "起")
_LAST = ("截止日期", "截至日期", "结束日期", "终止日期", "至", "valid_until")

_COMMON: dict[str, tuple[str, ...]] = {
    "village_code": _VILLAGE,
    "township_code": ("乡镇代码", "镇代码", "所属乡镇代码", "乡镇街道代码", "town_code9"),
    "valid_from": _FROM,
    LAST_DAY: _LAST,
    LON: ("经度", "longitude", "lng", "x", "东经"),
    LAT: ("纬度", "latitude", "y", "北纬"),
    "phone": ("电话", "手机", "手机号", "联系电话", "联系方式", "tel", "mobile"),
    "people": ("人口", "人口数", "总人口", "人数", "常住人口", "家庭人口"),
    "households": ("户数", "总户数"),
    "unit_code": ("单位代码", "单位编码", "派出单位代码", "所在单位代码", "unit"),
    "cell_code": ("网格代码", "网格编码", "网格编号", "所属网格", "cell", "grid_code"),
    "group_code": ("小组代码", "村民小组代码", "组代码", "group"),
}

_BY_LAYER: dict[str, dict[str, tuple[str, ...]]] = {
    "townships": {
        "code": ("乡镇代码", "镇代码", "乡镇街道代码", *_CODE),
        "name": ("乡镇名称", "乡镇", "镇名", "乡镇街道", *_NAME),
        COUNTY_NAME: ("县名", "县", "区县", "县名称"),
    },
    "villages": {
        "code": (*_VILLAGE, *_CODE),
        "name": ("村名", "村名称", "行政村", "行政村名称", "社区名称", "ZLDWMC", "village", *_NAME),
        "kind": ("类型", "村类型", "村别", "城乡类型"),
        "old_revolutionary": ("革命老区村", "革命老区", "老区村"),
        "ethnic_minority": ("少数民族村", "民族村"),
        TOWNSHIP_NAME: ("乡镇名称", "乡镇", "镇名", "乡镇街道", "town"),
        COUNTY_NAME: ("县名", "县", "区县", "县名称"),
    },
    "cells": {
        "code": ("网格代码", "网格编码", "网格编号", "cell_code", *_CODE),
        "name": ("网格名称", "网格名", *_NAME),
        "valid_to": ("停用日期",),
    },
    "households": {
        "code": ("户编号", "户号", "户代码", "户编码", *_CODE),
        "head_name": ("户主", "户主姓名", "姓名"),
        "hardship": ("困难户", "是否困难户", "困难", "帮扶户"),
    },
    "cadres": {
        "code": ("干部代码", "干部编号", "工号", "人员编号", *_CODE),
        "name": ("姓名", "干部姓名", *_NAME),
        "level": ("派出级别", "级别", "层级", "单位层级"),
        "duty": ("职务", "岗位", "身份"),
    },
    "units": {
        "code": ("单位代码", "单位编码", "统一社会信用代码", *_CODE),
        "name": ("单位名称", "单位", *_NAME),
        "kind": ("类型", "单位类型", "单位类别"),
        "parent_code": ("上级单位代码", "上级代码", "主管单位代码"),
    },
    "areas": {
        "code": ("片代码", "片区代码", "片编号", *_CODE),
        "name": ("片名", "片区名称", "片名称", *_NAME),
        "village_codes": ("所辖村代码", "所含村代码", "村代码", "村代码清单"),
    },
    "groups": {
        "code": ("小组代码", "村民小组代码", "组代码", *_CODE),
        "name": ("小组名称", "村民小组", "组名", *_NAME),
    },
    "branches": {
        "code": ("支部代码", "党支部代码", "组织代码", *_CODE),
        "name": ("支部名称", "党支部名称", "党支部", "组织名称", *_NAME),
    },
    "responsibilities": {
        "kind": ("责任类型", "类型", "包联类型"),
        "holder_code": ("责任人代码", "干部代码", "承担者代码", "责任单位代码"),
        "target_code": ("对象代码", "责任对象代码", "包联对象代码"),
        "rank": ("主次", "主责", "角色"),
        "reason": ("事由", "原因", "备注"),
    },
    "indicators": {
        "year": ("年份", "年度"),
        "party_members": ("党员数", "党员", "党员人数"),
        "new_members_3y": ("近三年新发展党员", "近三年发展党员数"),
        "reserve_cadres": ("后备干部", "后备干部数"),
        "people_away": ("外出人口", "外出人数", "外出务工人数"),
        "people_farming": ("务农人口", "务农人数"),
        "assessment_rank": ("考核名次", "考核排名"),
        "candidate_list_ready": ("候选名单已备", "候选人名单"),
        "income_total_yuan": ("总收入（元）", "总收入"),
        "income_own_yuan": (
            "不含补助的集体收入（元）",
            "不含补助的集体收入",
            "村集体经营性收入（元）",
            "村集体收入（元）",
        ),
        "secretary_vacant_since": ("书记空缺起始", "书记空缺日期"),
        "disputes_open": ("未化解纠纷", "未化解矛盾"),
        "petitions": ("信访件数", "信访量"),
        "satisfaction_ratio": ("满意率", "群众满意率"),
        "organization_complete": ("组织健全", "组织是否健全", "党组织健全"),
        "source": ("数据来源", "来源"),
        "reported_on": ("填报日期", "上报日期", "填报时间"),
    },
}

# Pseudo-columns: what a file may bring beside the layer's own columns, by layer geometry or by its columns.
_PERIOD_LAYERS = ("cells", "responsibilities")


def normal_name(name: str) -> str:
    """A column name as it is compared: ``" Vill_Code "`` and ``"villcode"`` are the same."""
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", str(name)).lstrip("\ufeff")).casefold()


def names_of(layer: Layer, column: str) -> tuple[str, ...]:
    """All names a column of a layer may have in a file, the preferred first."""
    own = _BY_LAYER[layer.name].get(column, ())
    short = (SHORT_NAMES[column],) if column in SHORT_NAMES else ()
    label = (layer.column(column).label,) if column in layer.column_names and column != "valid_to" else ()
    return tuple(dict.fromkeys((column, *short, *own, *label, *_COMMON.get(column, ()))))


def readable_columns(layer: Layer) -> list[str]:
    """Canonical names of everything a file of this layer may bring."""
    extra = [LON, LAT] if layer.geometry == "Point" else []
    extra += [LAST_DAY] if layer.name in _PERIOD_LAYERS else []
    extra += [name for name in (TOWNSHIP_NAME, COUNTY_NAME) if name in _BY_LAYER[layer.name]]
    return [*layer.column_names, *extra]


@dataclass(frozen=True)
class ColumnMap:
    """Which column of a file is which of the layer's.

    Attributes
    ----------
    found : dict
        Canonical name → name in the file.
    unknown : list of str
        Columns of the file that nothing was made of.
    """

    found: dict[str, str]
    unknown: list[str]


def map_columns(names: Sequence[str], layer: Layer) -> ColumnMap:
    """Find the layer's columns among a file's; a required one that is absent raises `FileFault`."""
    given = {normal_name(name): name for name in reversed(list(names))}
    found: dict[str, str] = {}
    for column in readable_columns(layer):
        for variant in names_of(layer, column):
            source = given.get(normal_name(variant))
            if source is not None and source not in found.values():
                found[column] = source
                break
    missing = [name for name in layer.required_names if name not in found]
    if missing:
        raise FileFault(
            _("文件中找不到“{layer}”必需的列：{missing}。").format(
                layer=_(layer.label),
                missing="、".join(f"{_(layer.column(name).label)}({name})" for name in missing),
            ),
            hint=_("文件中的列有：{found}。请把列名改为“{expected}”等名称后再试。").format(
                found=_listed(names),
                expected="、".join(names_of(layer, missing[0])[:4]),
            ),
        )
    return ColumnMap(found, [name for name in names if name not in found.values()])


def _listed(names: Sequence[str]) -> str:
    """The first names of a file's columns; a file may have hundreds."""
    shown = "、".join(map(str, names[:_SHOWN_COLUMNS]))
    return (f"{shown}…" if len(names) > _SHOWN_COLUMNS else shown) or _("（无）")
