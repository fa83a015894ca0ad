"""The cache that keeps within its bytes and builds each value once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from layers.cache import ByteCache


def text_cache(limit: int) -> ByteCache[str]:
    return ByteCache(limit, len)


def test_a_value_is_built_once():
    cache = text_cache(100)
    assert cache.get("a", lambda: "first") == "first"
    assert cache.get("a", lambda: "second") == "first"


def test_what_was_used_longest_ago_goes_first():
    cache = text_cache(6)
    for key in ("a", "b"):
        cache.get(key, lambda: "xxx")
    cache.get("a", lambda: "never")
    cache.get("c", lambda: "xxx")
    assert "a" in cache
    assert "b" not in cache
    assert cache.bytes == 6


def test_a_value_too_heavy_to_keep_is_still_handed_out():
    cache = text_cache(3)
    assert cache.get("a", lambda: "too heavy") == "too heavy"
    assert len(cache) == 0


def test_what_is_put_while_it_is_built_weighs_once():
    cache = text_cache(100)

    def build() -> str:
        cache.put("a", "xxx")
        return "xxx"

    cache.get("a", build)
    assert (len(cache), cache.bytes) == (1, 3)


def test_many_threads_share_one_build():
    cache, start, go = text_cache(100), Barrier(9), Event()
    built: list[int] = []

    def build() -> str:
        built.append(1)
        go.wait(10)
        return "value"

    def ask() -> str:
        start.wait(10)
        return cache.get("a", build)

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask) for _n in range(8)]
        start.wait(10)
        go.set()
        assert {answer.result(10) for answer in answers} == {"value"}
    assert built == [1]


def test_a_failure_reaches_the_caller_and_is_not_kept():
    cache = text_cache(100)

    def fail() -> str:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        cache.get("a", fail)
    assert cache.get("a", lambda: "later") == "later"


def test_put_does_not_replace_what_is_there():
    cache = text_cache(100)
    cache.put("a", "one")
    cache.put("a", "other")
    assert cache.get("a", lambda: "never") == "one"
    cache.clear()
    assert (len(cache), cache.bytes) == (0, 0)
