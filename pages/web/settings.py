"""How the web server behaves, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from geo.errors import InputError
from geo.i18n import _

HOUR_S = 3600


@dataclass(frozen=True)
class WebSettings:
    """Settings of the server half.

    Attributes
    ----------
    secret : str
        Signs the session cookie (``MINQING_SECRET``); empty means the store's own random secret.
    trust_proxy : bool
        Whether ``X-Forwarded-Proto``, ``-Host`` and ``-For`` are believed (``MINQING_TRUST_PROXY=1``). Only
        for a server that can be reached through its proxy alone.
    session_s : int
        How long a session lives without being used (``MINQING_SESSION_HOURS``, 8 by default).
    longest_s : int
        How long a session lives at most, however much it is used.
    address, port : str and int
        Where ``python app.py`` listens (``MINQING_ADDRESS``, ``MINQING_PORT``).
    """

    secret: str = ""
    trust_proxy: bool = False
    session_s: int = 8 * HOUR_S
    longest_s: int = 24 * HOUR_S
    address: str = "127.0.0.1"
    port: int = 8501

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> WebSettings:
        """Read the settings; `InputError` when one of them makes no sense."""
        hours = environment.get("MINQING_SESSION_HOURS", "8")
        if not hours.isdigit() or not 1 <= int(hours) <= 24:
            raise InputError(_("MINQING_SESSION_HOURS 应为 1 至 24 之间的整数。"))
        port = environment.get("MINQING_PORT", "8501")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise InputError(_("MINQING_PORT 应为 1 至 65535 之间的整数。"))
        secret = environment.get("MINQING_SECRET", "")
        if secret and len(secret) < 32:
            raise InputError(_("MINQING_SECRET 至少需要 32 个字符。"))
        return cls(
            secret=secret,
            trust_proxy=environment.get("MINQING_TRUST_PROXY", "") == "1",
            session_s=int(hours) * HOUR_S,
            address=environment.get("MINQING_ADDRESS", "127.0.0.1"),
            port=int(port),
        )
