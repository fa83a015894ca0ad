"""The plan in numbers, beside every plan there is."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.analysis.gap_plan.exact import Effort, searched
from geo.analysis.gap_plan.flow import best_by_number
from geo.analysis.gap_plan.greedy import kept_to_limits
from geo.analysis.gap_plan.problem import (
    ENDLESS,
    NONE,
    Problem,
    better,
    overburdened,
    parts_of,
    twice_in_a_place,
    value_of,
)
from geo.analysis.gap_plan.solve import solved
from geo.analysis.gap_plan.spare import spare_of

LIMIT_S = 20.0


def integers(values):
    return np.array(values, dtype=np.int64)


def problem(units, slots, pairs, takers, groups=()):
    """From (slot, weight), (move, load, group, place), (slot, taker, cost), (places, step, room, person)."""
    move, load, group, place = zip(*slots, strict=True)
    slot, taker, cost = zip(*pairs, strict=True) if pairs else ((), (), ())
    places, step, room, person = zip(*takers, strict=True)
    return Problem(
        unit_slot=integers([unit[0] for unit in units]),
        unit_weight=integers([unit[1] for unit in units]),
        slot_move=np.array(move, dtype=bool),
        slot_load=integers(load),
        slot_group=integers(group),
        group_most=integers(groups),
        slot_place=integers(place),
        pair_slot=integers(slot),
        pair_taker=integers(taker),
        pair_cost=integers(cost),
        places=integers(places),
        step=integers(step),
        room=integers(room),
        person=integers(person),
    )


def keeps_limits(asked, chosen):
    filled = np.bincount(asked.pair_slot[chosen], minlength=asked.slots)
    wanted = np.bincount(asked.unit_slot, minlength=asked.slots)
    given_ = np.bincount(asked.pair_taker[chosen], minlength=asked.takers)
    in_group = [filled[asked.slot_group == at].sum() for at in range(len(asked.group_most))]
    return (
        (filled <= wanted).all()
        and (given_ <= np.maximum(asked.places, 0)).all()
        and all(number <= most for number, most in zip(in_group, asked.group_most, strict=True))
        and not len(overburdened(asked, chosen))
        and not len(twice_in_a_place(asked, chosen))
    )


def best_of_all(asked):
    """The value of the best of all plans, tried one by one."""
    best = (0, 0, 0)
    for said in product((False, True), repeat=len(asked.pair_slot)):
        chosen = np.flatnonzero(said)
        if keeps_limits(asked, chosen) and better(value_of(asked, chosen), best):
            best = value_of(asked, chosen)
    return best


@st.composite
def problems(draw):
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    small = st.integers(0, 5)
    slots = [
        (
            draw(st.booleans()),
            draw(st.integers(0, 60)),
            draw(st.sampled_from([NONE, NONE, 0])),
            draw(st.sampled_from([NONE, 0])),
        )
        for _slot in range(n)
    ]
    units = [
        (slot, draw(st.integers(1, 40))) for slot in range(n) for _unit in range(draw(st.integers(1, 2)))
    ]
    takers = [
        (
            draw(st.integers(0, 3)),
            draw(small),
            draw(st.sampled_from([ENDLESS, 40, 90])),
            draw(st.integers(0, 1)),
        )
        for _taker in range(m)
    ]
    pairs = [
        (slot, taker, draw(st.integers(-5, 30))) for slot in range(n) for taker in range(m) if draw(small)
    ]
    return problem(units, slots, pairs, takers, groups=[draw(st.integers(0, 2))])


@settings(max_examples=150, deadline=None)
@given(problems())
def test_no_plan_is_better(asked):
    found = solved(asked, time_limit_s=LIMIT_S)
    assert keeps_limits(asked, found.chosen)
    assert value_of(asked, found.chosen) == best_of_all(asked)
    assert found.is_proved
    assert found.bound == value_of(asked, found.chosen)[0]
    assert found.cost_bound == value_of(asked, found.chosen)[2]


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_search_and_the_flow_agree_where_only_numbers_count(asked):
    free = problem(
        list(zip(asked.unit_slot, asked.unit_weight, strict=True)),
        [(move, 0, group, NONE) for move, group in zip(asked.slot_move, asked.slot_group, strict=True)],
        list(zip(asked.pair_slot, asked.pair_taker, asked.pair_cost, strict=True)),
        [(p, s, ENDLESS, at) for at, (p, s) in enumerate(zip(asked.places, asked.step, strict=True))],
        asked.group_most,
    )
    if not len(free.pair_slot):
        return
    by_flow = value_of(free, best_by_number(free))
    nothing = np.zeros(0, dtype=np.int64)
    by_search = searched(free, nothing, (10**9, 0, 0), effort=Effort.of(LIMIT_S))
    assert value_of(free, by_search.chosen) == by_flow == best_of_all(free)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_what_a_pair_costs_beyond_the_best_plan_is_what_it_costs_to_force_it(asked):
    """At most that: the price is a bound, and the pairs of the plan itself cost nothing more."""
    if not len(asked.pair_slot):
        return
    free = replace(asked, slot_load=asked.slot_load * 0, slot_place=np.full_like(asked.slot_place, NONE))
    chosen = best_by_number(free)
    spare = spare_of(free, chosen)
    best = spare.prices.of(value_of(free, chosen))
    assert (spare.extra[chosen] <= 0).all()
    for pair in range(len(free.pair_slot)):
        forced = [
            spare.prices.of(value_of(free, np.flatnonzero(said)))
            for said in product((False, True), repeat=len(free.pair_slot))
            if said[pair] and keeps_limits(free, np.flatnonzero(said))
        ]
        assert all(price - best >= spare.extra[pair] for price in forced)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_what_the_search_starts_from_keeps_every_limit(asked):
    everything = np.arange(len(asked.pair_slot))
    assert keeps_limits(asked, kept_to_limits(asked, everything))


def _crowd(rng, *, things=40, people=12, room=60):
    """Things of 5 to 40 households within reach of everybody: burdens bind everywhere."""
    pairs = [
        (thing, person, int(cost))
        for thing in range(things)
        for person, cost in enumerate(rng.integers(100, 9_000, people))
    ]
    slots = [(bool(rng.integers(2)), int(rng.integers(5, 40)), NONE, NONE) for _thing in range(things)]
    units = [(thing, int(rng.integers(1, 2_000))) for thing in range(things)]
    return problem(units, slots, pairs, [(3, 2_000, room, at) for at in range(people)])


def test_a_search_that_is_cut_short_says_how_far_it_may_be_from_the_best():
    asked = _crowd(np.random.default_rng(1))
    hasty = solved(asked, time_limit_s=0.02)
    thorough = solved(asked, time_limit_s=LIMIT_S)
    assert not hasty.is_proved
    assert keeps_limits(asked, hasty.chosen)
    assert thorough.cost_bound == value_of(asked, thorough.chosen)[2] or not thorough.is_proved
    weights = [value_of(asked, each.chosen)[0] for each in (hasty, thorough)]
    assert weights[0] <= weights[1] <= thorough.bound <= hasty.bound


def test_the_same_problem_gives_the_same_plan():
    asked = _crowd(np.random.default_rng(2), things=20, people=8)
    first, second = (solved(asked, time_limit_s=2.0) for _time in range(2))
    np.testing.assert_array_equal(first.chosen, second.chosen)


def test_parts_that_have_nothing_to_do_with_each_other_are_solved_apart():
    asked = problem(
        [(0, 5), (1, 7), (2, 9)],
        [(False, 0, NONE, NONE)] * 3,
        [(0, 0, 1), (1, 1, 1), (2, 0, 1)],
        [(1, 0, ENDLESS, 0), (1, 0, ENDLESS, 1)],
    )
    parts = parts_of(asked)
    assert sorted(pairs.tolist() for _part, pairs in parts) == [[0, 2], [1]]
    assert solved(asked, time_limit_s=LIMIT_S).chosen.tolist() == [1, 2]


@pytest.mark.parametrize("takers", [[(0, 0, ENDLESS, 0)], [(2, 0, 3, 0)]])
def test_where_nobody_has_room_nothing_is_chosen(takers):
    asked = problem([(0, 5)], [(False, 4, NONE, NONE)], [(0, 0, 1)], takers)
    found = solved(asked, time_limit_s=LIMIT_S)
    assert (found.chosen.tolist(), found.bound, found.is_proved) == ([], 0, True)


def test_many_things_of_many_points_still_fit_into_one_number():
    rng = np.random.default_rng(3)
    count = 1_500
    asked = problem(
        [(at, 2_000) for at in range(count)],
        [(True, 0, NONE, NONE)] * count,
        [(at, int(taker), 50_000) for at in range(count) for taker in rng.integers(0, 300, 4)],
        [(30, 7_000, ENDLESS, at) for at in range(300)],
    )
    assert value_of(asked, best_by_number(asked))[0] == count * 2_000
