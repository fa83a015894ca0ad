"""Getting a village or branch off the list (挂牌销号): listing, planning, working, checking, striking off.

Functions that take a store are one transaction each. Those that take a session (``…_in``) make the same
checks within somebody else's, for whoever has many steps to take at once.
"""

from geo.operations.rectification.facts import Given, people_involved
from geo.operations.rectification.listing import Listing, list_case, list_in
from geo.operations.rectification.steps import possible_steps, step_in, take_step
from geo.operations.rectification.tasks import (
    TaskDraft,
    finish_in,
    finish_task,
    plan_from_template,
    plan_in,
    put_in,
    put_task,
    remove_in,
    remove_task,
)

__all__ = [
    "Given",
    "Listing",
    "TaskDraft",
    "finish_in",
    "finish_task",
    "list_case",
    "list_in",
    "people_involved",
    "plan_from_template",
    "plan_in",
    "possible_steps",
    "put_in",
    "put_task",
    "remove_in",
    "remove_task",
    "step_in",
    "take_step",
]
