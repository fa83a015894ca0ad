"""The `minqing` command (design §4): the administrator's tool on the server.

One JSON document on standard output with ``--json``, a table for people without; messages go to standard
error. Exit codes: 0 done, 1 refused by a rule, 2 bad input, 3 store unavailable or an unforeseen fault.
Modules of the domain are imported inside the commands, so that help and refusals come at once.
"""

from geo.cli.root import main

__all__ = ["main"]
