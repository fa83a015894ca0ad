"""What a theme is made of: steps over tile layers, with rules that give looks.

The browser draws these declarations as they are (`layers/browser/paint.js` holds no colour and no rule of
its own), and the legend is made from the same objects: the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from geo.i18n import _
from layers.mercator import MAX_ZOOM
from layers.styles import Look

StepKind = Literal["area", "line", "point", "count", "badge", "name"]


@dataclass(frozen=True)
class Rule:
    """A look, for the features whose attributes have one of the given values.

    Attributes
    ----------
    look : Look
    when : mapping of attribute to values
        All must hold; empty means every feature.
    label : str
        Line of the legend (untranslated); empty when it needs none.
    """

    look: Look
    when: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)
    label: str = ""

    def as_json(self) -> dict[str, Any]:
        """The rule for the browser."""
        conditions = {name: list(values) for name, values in self.when.items()}
        return {"when": conditions, "look": self.look.as_json()}


@dataclass(frozen=True)
class Step:
    """One pass over the features of a tile layer.

    Attributes
    ----------
    layer : str
        Tile layer.
    kind : str
        How features are drawn: area, line, point, count (a disc with a number), badge (the look's character)
        or name.
    rules : tuple of Rule
        The first that holds decides, unless ``combine``.
    combine : bool
        Whether all that hold are drawn together: colours as stripes, characters in a row.
    min_zoom, max_zoom : int
        Map zooms between which it is drawn.
    more : str
        For names: a second line (untranslated), with attributes in braces; written where there is room.
    is_border : bool
        Whether it only shows borders, which the legend explains last.
    """

    layer: str
    kind: StepKind
    rules: tuple[Rule, ...]
    combine: bool = False
    min_zoom: int = 0
    max_zoom: int = MAX_ZOOM
    more: str = ""
    is_border: bool = False

    def as_json(self) -> dict[str, Any]:
        """The step for the browser, without what is as always."""
        said = {
            "more": (_(self.more) if self.more else "", ""),
            "combine": (self.combine, False),
            "minZoom": (self.min_zoom, 0),
            "maxZoom": (self.max_zoom, MAX_ZOOM),
        }
        return {
            "layer": self.layer,
            "kind": self.kind,
            **{name: value for name, (value, usual) in said.items() if value != usual},
            "rules": [rule.as_json() for rule in self.rules],
        }


def _explained(steps: tuple[Step, ...]) -> tuple[tuple[Step, Rule], ...]:
    return tuple((step, rule) for step in steps for rule in step.rules if rule.label)


@dataclass(frozen=True)
class Theme:
    """One question that the map answers.

    Attributes
    ----------
    key, title : str
        Name in code and on the screen (untranslated).
    layers : tuple of str
        Map layers whose tiles it needs.
    steps : tuple of Step
        What is drawn, from below upwards.
    """

    key: str
    title: str
    layers: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def legend(self) -> tuple[tuple[Step, Rule], ...]:
        """The rules that the legend explains: what the theme is about first, borders last."""
        explained = _explained(self.steps)
        return tuple(sorted(explained, key=lambda entry: entry[0].is_border))

    def as_json(self) -> dict[str, Any]:
        """The theme for the browser."""
        return {"layers": list(self.layers), "steps": [step.as_json() for step in self.steps]}


@dataclass(frozen=True)
class Overlay:
    """A map layer that a user may lay over a theme: its name, its title (untranslated) and its steps."""

    key: str
    title: str
    steps: tuple[Step, ...]

    @property
    def legend(self) -> tuple[tuple[Step, Rule], ...]:
        """The rules that the legend explains."""
        return _explained(self.steps)

    def as_json(self) -> dict[str, Any]:
        """The overlay for the browser."""
        return {"layers": [self.key], "steps": [step.as_json() for step in self.steps]}
