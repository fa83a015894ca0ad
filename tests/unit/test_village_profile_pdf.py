"""A village's profile on paper, read back from the PDF."""

from __future__ import annotations

import gettext
from dataclasses import replace

import pytest

from geo import i18n
from geo.crs import to_metric
from geo.exchange.village_paper.charts import charts_panel
from geo.exchange.village_paper.pictures import chosen_pictures
from geo.exchange.village_profile import LabelLine, TextLine
from geo.exchange.village_profile_pdf import village_profile_pdf
from geo.i18n import set_language
from geo.vocabulary import AttachmentUse, TextKind, VillageKind, VillageLabel, label_of
from tests.papers import A4_POINTS, edges, sizes, texts
from tests.profiles import (
    EMPTY_MAP,
    FIGURES,
    LABELS,
    LEVELS,
    MADE,
    SENTENCE,
    TEAM,
    TEXTS,
    bare,
    case,
    content_of,
    crowded,
    indicators,
    picture,
    profile,
    village_map,
)


def paper(shown, **given) -> bytes:
    return village_profile_pdf(
        shown, **{"made_by": "department", "made_at": MADE, "content_of": content_of} | given
    )


EXTREMES = {
    "plain": profile,
    "bare": bare,
    "crowded": crowded,
    "thirty cells": lambda: profile(map=village_map(land="hole", cells=30, dots=None)),
    "several parts": lambda: profile(map=village_map(land="multipart", cells=9)),
    "tiny": lambda: profile(map=village_map(land="square", factor=0.01, cells=4, dots=3)),
    "huge": lambda: profile(map=village_map(factor=40, dots=2000)),
    "no map": lambda: profile(map=EMPTY_MAP),
    "a community": lambda: profile(kind=VillageKind.COMMUNITY),
    "one year": lambda: profile(indicators=indicators(1)),
    "twelve cases": lambda: profile(cases=tuple(case(number) for number in range(12))),
    "twenty pictures": lambda: profile(pictures=tuple(picture(number) for number in range(20))),
    "missing glyphs": lambda: profile(name="柳沟𠮷村\U00030000", township_name="\U00030001镇"),
}


@pytest.mark.parametrize("case_name", EXTREMES)
def test_there_are_always_two_upright_pages_with_nothing_over_their_margins(case_name):
    pdf = paper(EXTREMES[case_name]())
    assert [pytest.approx(size, abs=0.1) for size in sizes(pdf)] == [A4_POINTS] * 2
    for left, lower, right, upper in edges(pdf):
        assert left >= 33 and right <= A4_POINTS[0] - 33
        assert lower >= 15 and upper <= A4_POINTS[1] - 25


def test_long_texts_of_another_language_stay_on_the_paper(monkeypatch):
    class Wordy(gettext.NullTranslations):
        def gettext(self, message):
            return f"{message} {'Translate ' * (len(message) // 3)}"

    monkeypatch.setattr(i18n, "_catalogue", lambda _language: Wordy())
    for shown in (profile(), crowded(), bare()):
        pdf = paper(shown)
        assert len(sizes(pdf)) == 2
        assert all(left >= 33 and right <= A4_POINTS[0] - 33 for left, _low, right, _up in edges(pdf))


def test_english_is_possible():
    set_language("en")
    try:
        first, second = texts(paper(profile()))
    finally:
        set_language("zh")
    assert "990101101201" in first and "Page2of2" in second


def test_the_first_page_says_who_and_where_it_is_and_who_answers_for_it():
    first, _second = texts(paper(profile()))
    for said in (
        "柳沟村",
        "安和县",
        "石桥镇",
        "行政村",
        "990101101201",
        "数据截至2026年5月1日",
        "70.3%",
        "2.1万元",
    ):
        assert said in first
    for level in LEVELS:
        assert all(holder in first for holder in level.holders)
    for member in TEAM:
        assert member.name in first and member.unit in first
    assert "至2026-06-30" in first  # the day before the end
    assert "至2026-07-01" not in first


def test_who_serves_in_two_ways_is_one_person_of_the_team():
    twice = (*TEAM, replace(TEAM[0], kind="resident_cadre"))
    first, _second = texts(paper(profile(team=twice)))
    assert "工作组人数3驻村2人" in first


def test_labels_have_their_reasons_figures_and_what_speaks_against_them():
    first, _second = texts(paper(profile()))
    for line in LABELS:
        assert label_of(line.label) in first and line.reason.replace(" ", "") in first
    assert "与数据不符：2025年新发展党员1名" in first
    assert "2.1万元／3万元" in first
    assert "安组发〔2025〕12号" in first
    assert "疑似换届重难点村" in first and "未认定" in first


def test_a_village_without_a_label_says_so():
    first, _second = texts(paper(profile(labels=(), suspects=())))
    assert "没有重点村标签" in first and "没有标签，也没有疑似情形" in first


def test_where_a_label_comes_from_that_nobody_decided_on():
    lines = [LabelLine(label, None, None, None, "依据") for label in ("poor", "ethnic_minority")]
    first, _second = texts(paper(profile(labels=tuple(lines), suspects=())))
    assert "按指标计算" in first and "村的属性" in first


def test_the_map_says_what_it_is_of_which_day_by_whom_and_at_which_scale():
    first, _second = texts(paper(profile()))
    for said in (
        "示意图，不作划界依据",
        "数据截至",
        "制图：department",
        "比例尺1:",
        "中央经线117°E",
        "图例",
        "北",
    ):
        assert said in first


def test_a_sample_is_marked_on_both_pages_and_nothing_else_is():
    assert all("示例数据，并非真实情况" in page for page in texts(paper(profile())))
    assert not any("示例" in page for page in texts(paper(profile(is_sample=False))))


def test_households_are_dots_where_their_places_are_given_and_counts_else():
    dots, _second = texts(paper(profile()))
    assert "已结对户" in dots and "网格编号与户数" not in dots
    shown = village_map(dots=None)
    counts, _second = texts(paper(profile(map=shown)))
    assert "已结对户" not in counts and "网格编号与户数" in counts
    largest = shown.cells.loc[to_metric(shown.cells).area.idxmax()]
    assert f"{largest['households']}户" in counts


def test_plans_are_headed_with_their_years():
    lines = [
        TextLine(TextKind.THREE_YEAR_PLAN, 2025, SENTENCE, MADE, "department"),
        TextLine(TextKind.YEARLY_PLAN, 2026, SENTENCE, MADE, "department"),
    ]
    second = texts(paper(profile(texts=tuple(lines))))[1]
    assert "三年规划（2025—2027年）" in second
    assert "年度计划（2026年）" in second


def test_what_was_known_then_is_said():
    assert "按2026-05-0209:30时的记录" in texts(paper(profile(known_at=MADE)))[0]
    assert "时的记录" not in texts(paper(profile()))[0]


def test_the_second_page_has_figures_plans_goals_work_and_pictures():
    _first, second = texts(paper(profile()))
    for label, _values in FIGURES.values():
        assert label.removesuffix("（元）") in second
    for text in TEXTS:
        assert (text.body.replace(" ", "") in second) == (text.body != "调查摸底。")  # of two years the later
    for said in (
        "达成3/8项",
        "不少于30,000元/年",
        "不多于0起纠纷",
        "未测",
        "村级八项：完成5/8项",
        "驻村十项任务",
    ):
        assert said in second
    for said in (
        "柳沟村第0党支部",
        "逾期",
        "剩11天",
        "共2件，未销号1件",
        "旧貌2019-03-01",
        "新颜2026-04-02",
        "村口",
    ):
        assert said in second


def test_of_several_yearly_plans_that_of_the_days_year_is_printed():
    coming = TextLine(TextKind.YEARLY_PLAN, 2027, "明年引水", MADE, "coordinator")
    _first, second = texts(paper(profile(texts=(coming, *TEXTS))))
    assert "七月前补选支部书记" in second
    assert "明年引水" not in second


def test_figures_have_the_median_of_the_latest_year():
    _first, second = texts(paper(profile()))
    assert "72.0%" in second and "中位86.4%" in second
    assert "9.1万元" in second and "中位10.92万元" in second


def test_nothing_on_record_is_said_in_every_part():
    first, second = texts(paper(bare()))
    assert "没有村界，无法绘图" in first and "没有责任记录" in first and "没有派驻人员" in first
    assert second.count("未填写") == 4
    for said in ("没有填报过指标", "没有目标", "没有清单", "没有挂牌整改", "没有上传照片"):
        assert said in second


def test_what_has_no_room_is_cut_and_counted():
    first, second = texts(paper(crowded()))
    assert second.count("…（全文见系统）") >= 7
    assert "另有" in first and "条，见系统" in first
    assert "另有14张，见系统" in second


def test_only_pictures_that_are_printed_are_asked_for():
    asked: list[str] = []

    def noted(code: str) -> bytes:
        asked.append(code)
        return content_of(code)

    paper(profile(pictures=tuple(picture(number) for number in range(20))), content_of=noted)
    assert len(asked) == len(set(asked)) == 6


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 no picture", b"\xff\xd8\xff\xe0 torn"])
def test_what_is_no_picture_leaves_a_place_that_says_so(content):
    _first, second = texts(paper(profile(), content_of=lambda _code: content))
    assert second.count("无法显示") == 4


def test_then_and_now_stand_in_pairs_of_the_same_title():
    then = [picture(0, code=f"T{at}", title=title) for at, title in enumerate("甲乙丙")]
    now = [picture(1, code=f"N{at}", title=title) for at, title in enumerate("丙甲丁")]
    sheets = [replace(picture(1), code="S", use=AttachmentUse.CONSTRUCTION_PLAN)]
    evidence = [replace(picture(1), code="E", use=AttachmentUse.EVIDENCE)]
    chosen = [one.code for one in chosen_pictures([*then, *now])]
    assert chosen == ["T0", "N1", "T2", "N0", "T1", "N2"]
    assert [one.code for one in chosen_pictures([*then, *now, *sheets, *evidence])] == [
        "T0",
        "N1",
        "T2",
        "N0",
        "S",
    ]
    assert [one.code for one in chosen_pictures([*then, *evidence])] == ["T0", "T1", "T2"]


def test_the_same_profile_gives_the_same_bytes():
    assert paper(profile()) == paper(profile())


def test_missing_glyphs_are_marked():
    first, _second = texts(paper(EXTREMES["missing glyphs"]()))
    assert "〓" in first


def test_charts_of_more_figures_take_more_rows():
    few, many = charts_panel(indicators()[:5]), charts_panel(indicators())
    assert many.least == 3 * few.least


def test_every_label_can_be_printed():
    lines = tuple(LabelLine(label, None, None, None, "依据") for label in VillageLabel)
    first, _second = texts(paper(profile(labels=lines, suspects=())))
    assert all(label_of(label) in first for label in VillageLabel)
