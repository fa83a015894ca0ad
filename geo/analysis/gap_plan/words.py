"""Why something stays open, in one sentence."""

from __future__ import annotations

import numpy as np

from geo.analysis.assignment import Room
from geo.analysis.gap_plan.ground import Weighed
from geo.analysis.gap_plan.problem import Flags
from geo.i18n import _


def why_open(weighed: Weighed, room: Room, row: int, *, max_km: float) -> str:
    """Why nobody takes a thing: the first condition that leaves no candidate over.

    Parameters
    ----------
    room : Room of all candidates
    row : int
        Which of the things that were weighed.
    """
    match = weighed.match
    allowed, near, fits = match.allowed[row], weighed.near[row], weighed.fits[row]
    if not allowed.any():
        is_local = not match.candidates.empty
        return _("本乡镇没有其他符合条件的人选。") if is_local else _("没有符合条件的人选。")
    if not (allowed & near).any():
        nearest = np.nanmin(match.distance_km[row][allowed])
        return _("{limit:g} 公里内没有符合条件的人选，最近的在 {km:.1f} 公里外。").format(
            limit=max_km, km=nearest
        )
    able = allowed & near & fits
    if not able.any():
        return _("没有对口单位的人选。")
    households = float(match.holdings["households"].fillna(0).iloc[row])
    return _why_no_room(room, able, households)


def _why_no_room(room: Room, able: Flags, households: float) -> str:
    free = able & (room.places > 0)
    if not free.any():
        return _("符合条件的 {count} 个人选都已到上限。").format(count=int(able.sum()))
    if not (free & (room.weight >= households)).any():
        words = _("涉及 {households:.0f} 户，符合条件的人选加上后都会超过户数上限。")
        return words.format(households=households)
    return _("有余力的 {count} 个人选已安排给更要紧的缺口。").format(count=int(free.sum()))
