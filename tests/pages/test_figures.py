"""The strip of key figures."""

from __future__ import annotations

from pages.ui.figures import figures_html


def ratio(numerator, denominator):
    share = numerator / denominator if denominator else None
    return {"numerator": numerator, "denominator": denominator, "ratio": share}


def strip(**changed):
    ratios = {
        "cells_owned": ratio(3299, 3300),
        "households_paired": ratio(1, 2),
        "priority_villages_staffed": ratio(61, 68),
        "land_in_cells": ratio(1_500_000.0, 4_000_000.0),
    }
    return figures_html(ratios | changed, as_of="2026-05-01")


def test_a_ratio_just_below_all_is_not_shown_as_all():
    html = strip(cells_owned=ratio(32999, 33000))
    assert "99.9%" in html
    assert "100.0%" not in html


def test_all_is_shown_as_all():
    assert "100.0%" in strip(cells_owned=ratio(3300, 3300))


def test_a_ratio_over_nothing_is_a_dash():
    assert "—" in strip(households_paired=ratio(0, 0))


def test_uncovered_land_is_in_square_kilometres():
    assert "2.5 km²" in strip()


def test_the_day_is_shown():
    assert "2026-05-01" in strip()
