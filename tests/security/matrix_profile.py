"""The part of the one table that is about the page that gathers everything known of a village."""

from __future__ import annotations

from geo.answers import profile
from tests.security.matrix_county import TODAY
from tests.security.matrix_table import Question

PROFILE_QUESTIONS = {
    "profile of a village": Question(
        "profile.village_profile",
        lambda store, actor, village: profile.village_profile(store, actor, village, as_of=TODAY),
    ),
}
