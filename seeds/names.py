"""Made-up names of towns, villages, people and offices, put together from the syllables in ``words.yaml``."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from seeds.terrain import Ints

COUNTY_CODE, COUNTY_NAME, COUNTY_TOWN = "990101", "安和县(示例)", "安和"

_WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
_TOWN_PREFIXES = ("", "上", "下", "新", "南", "北", "东", "西")
_TOWN_SHARE = 0.68


def words(kind: str) -> list[str]:
    """A list of words."""
    return str(_WORDS[kind]).split()


def township_names(count: int) -> list[str]:
    """Names without their ending; the first is the county town's."""
    return [COUNTY_TOWN, *(prefix + name for prefix, name in product(_TOWN_PREFIXES, words("towns")))][:count]


def township_endings(count: int) -> list[str]:
    """镇 or 乡 for every township: the first two thirds are 镇, at least two."""
    towns = max(2, round(count * _TOWN_SHARE))
    return ["镇" if number < towns else "乡" for number in range(count)]


def village_names(is_community: np.ndarray, township: Ints, rng: np.random.Generator) -> list[str]:
    """A name for each village or community, never twice in one township."""
    rural = _rural_names()
    urban = [f"{root}社区" for root in words("communities")] + [f"{root}街社区" for root in words("roots")]
    names = np.empty(len(township), dtype=object)
    for town in range(int(township.max()) + 1):
        for pool, wanted in ((rural, ~is_community), (urban, is_community)):
            members = np.flatnonzero((township == town) & wanted)
            names[members] = rng.choice(pool, len(members), replace=False)
    return [str(name) for name in names]


def _rural_names() -> list[str]:
    """Villages called after a landmark (石桥村) or, more often, after a family (王家庄村)."""
    landforms = set(str(_WORDS["landforms"]))
    landmarks = [
        root + suffix
        for root, suffix in product(words("roots"), words("root_suffixes"))
        if not (root[-1] in landforms and suffix[0] in landforms)
    ]
    families = [f"{name}家{suffix}" for name, suffix in product(_WORDS["surnames"], words("family_suffixes"))]
    return landmarks + families


def person_names(count: int, rng: np.random.Generator) -> np.ndarray:
    """Names of people; common surnames come more often, one in six has a single given name."""
    surnames = list(_WORDS["surnames"])
    weight = 1 / (np.arange(len(surnames)) + 8)
    surname = rng.choice(surnames, count, p=weight / weight.sum())
    first = rng.choice(list(_WORDS["given_first"]), count)
    second = np.where(rng.random(count) < 0.83, rng.choice(list(_WORDS["given_second"]), count), "")
    return np.char.add(np.char.add(surname, first), second).astype(object)


def phone_numbers(count: int, rng: np.random.Generator) -> np.ndarray:
    """Eleven digits that no network gives out: they begin with 100."""
    return np.char.add("100", np.char.zfill(rng.integers(0, 10**8, count).astype(str), 8)).astype(object)


def departments(count: int) -> list[tuple[str, str]]:
    """County departments with their kind; every kind is there, however few are asked for."""
    by_kind = [[(name, kind) for name in names.split()] for kind, names in _WORDS["departments"].items()]
    longest = max(len(some) for some in by_kind)
    turns = [some[turn] for turn in range(longest) for some in by_kind if turn < len(some)]
    return turns[:count]
