"""How the tests call the command."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from geo.cli import main

AS_OF = ("--as-of", "2026-05-01")


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, f"{result.exit_code}: {result.stdout}{result.stderr}"
    assert "Traceback" not in result.output
    return result


def document(*words: object, code: int = 0) -> dict:
    return json.loads(run(*words, "--json", code=code).stdout)


def designate(code: str, *words: str, exit_code: int = 0) -> Result:
    given = ("--from", "2026-03-01", "--reason", "班子不团结")
    return run("designate", code, *given, *words, code=exit_code)
