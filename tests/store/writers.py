"""Writing processes of a test: started, listened to, killed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from random import Random
from typing import Any

from geo.store.engine import Store

CONTEXT = multiprocessing.get_context("forkserver")
READY = ""
"""What a writer says first."""
MOST_WORDS = 3
LONGEST_REST_S = 0.06

Line = tuple[multiprocessing.Process, Connection]


def url_of(store: Store) -> str:
    """What another process opens the store with."""
    return str(store.path) if store.path else store.engine.url.render_as_string(hide_password=False)


def start(target: Callable[..., None], *args: Any) -> Line:
    """Start a writer, which gets a line to speak on after its other arguments."""
    CONTEXT.set_forkserver_preload(["tests.store.editing_writer", "tests.store.rectifying_writer"])
    here, there = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=target, args=(*args, there))
    process.start()
    there.close()
    return process, here


def received(lines: list[Connection]) -> list[Any]:
    """Everything that was said on some lines, up to their ends."""
    said: list[Any] = []
    open_lines = list(lines)
    while open_lines:
        for line in wait(open_lines):
            try:
                word = line.recv()
            except EOFError:
                open_lines.remove(line)
                continue
            if word != READY:
                said.append(word)
    return said


def ended(started: list[Line]) -> None:
    """Wait until writers end by themselves, all well."""
    for process, line in started:
        process.join()
        line.close()
        assert process.exitcode == 0
        process.close()


def killed(started: Line, moments: Random) -> list[Any]:
    """Let a writer say some words, kill it a little later, and give back all that it has said."""
    process, line = started
    assert line.recv() == READY
    said = [line.recv() for _word in range(moments.randint(1, MOST_WORDS))]
    process.join(timeout=moments.uniform(0, LONGEST_REST_S))
    process.kill()
    process.join()
    said += received([line])
    line.close()
    process.close()
    return said
