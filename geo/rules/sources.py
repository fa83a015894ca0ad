"""What the sources of rules are, in words (domain's header)."""

from __future__ import annotations

from geo.i18n import N_, _

SOURCES = {
    "S0": N_("县包村会议"),
    "S1": N_("县驻村蹲点会议"),
    "S2": N_("市十百千万报告"),
    "S3": N_("县后进村整治"),
    "S4": N_("县民情地图推行"),
    "STD": N_("国家或行业标准"),
    "PUB": N_("外地公开做法"),
    "local": N_("系统默认"),
}
"""Every source a rule file may name, by its tag."""


def in_words(source: str) -> str:
    """One or several tags, as rule files write them (``S1, S2``), in this context's language."""
    return "；".join(_(SOURCES[tag]) for tag in source.split(", "))
