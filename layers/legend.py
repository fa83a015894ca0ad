"""The legend of a theme as a small piece of HTML, drawn from the same looks as the map."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from geo.i18n import _
from layers.styles import INK, PAPER, Look
from layers.theme import Rule, Step
from layers.themes import EVERY_THEME, OVERLAYS

WIDTH, HEIGHT = 32, 14


def legend_html(theme: str, *, overlays: Collection[str] = (), is_open: bool = True) -> str:
    """HTML of the legend.

    Parameters
    ----------
    theme : str
        Key in `layers.themes.EVERY_THEME`.
    overlays : collection of str
        Keys in `layers.themes.OVERLAYS` that are laid over it.
    is_open : bool
        Whether it is unfolded at first.
    """
    entries = [*EVERY_THEME[theme].legend, *(entry for name in overlays for entry in OVERLAYS[name].legend)]
    by_label = {rule.label: (step, rule) for step, rule in entries}
    lines = "".join(
        f"<li>{swatch(step, rule)}{escape(_(label))}</li>" for label, (step, rule) in by_label.items()
    )
    title = escape(_("图例"))
    fold = " open" if is_open else ""
    return f"<details{fold}><summary>{title}</summary><ul>{lines}</ul></details>"


def swatch(step: Step, rule: Rule) -> str:
    """A small picture of how a rule's features look."""
    look = rule.look
    if step.kind in ("name", "badge"):
        body = _badge(look, WIDTH / 2)
    elif step.kind in ("point", "count"):
        body = _disc(look)
    elif step.kind == "line":
        body = f'<line x1="1" y1="{HEIGHT / 2}" x2="{WIDTH - 1}" y2="{HEIGHT / 2}" {_stroke(look)}/>'
    else:
        body = _area(look)
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg {size} aria-hidden="true">{body}</svg>'


def _area(look: Look) -> str:
    size = f'x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}"'
    outline = _stroke(look) if look.stroke else f'stroke="{INK}" stroke-width="0.5"'
    ground = f'<rect {size} fill="{look.fill or PAPER}" fill-opacity="{look.opacity}" {outline}/>'
    return ground + _pattern(look) + (_badge(look, WIDTH - 7) if look.glyph else "")


def _pattern(look: Look) -> str:
    """The lines or dots of a look, cut to the swatch by its own edges."""
    if look.pattern == "dots":
        dots = "".join(f'<circle cx="{x}" cy="7" r="1"/>' for x in range(5, WIDTH, 8))
        return f'<g fill="{look.pattern_color}">{dots}</g>'
    high = HEIGHT - 1
    rising = [f"M{x} {high}L{x + 12} 1" for x in range(2, WIDTH - 12, 5)]
    falling = [f"M{x} 1L{x + 12} {high}" for x in range(2, WIDTH - 12, 5)]
    level = [f"M1.5 {y}L{WIDTH - 1.5} {y}" for y in range(3, HEIGHT, 4)]
    lines = {"level": level, "hatch": rising, "back": falling, "cross": rising + falling}.get(
        look.pattern, []
    )
    return f'<path d="{"".join(lines)}" stroke="{look.pattern_color}" stroke-width="1.3"/>' if lines else ""


def _disc(look: Look) -> str:
    radius = min(look.radius, HEIGHT / 2 - 1)
    return (
        f'<circle cx="{WIDTH / 2}" cy="{HEIGHT / 2}" r="{radius}" fill="{look.fill}" '
        f'fill-opacity="{look.opacity}" {_stroke(look)}/>'
    )


def _badge(look: Look, x: float) -> str:
    """The character of a look in its little frame."""
    frame = f'fill="#fff" stroke="{look.stroke or look.fill}" stroke-width="1.5"'
    text = f'font-size="10" text-anchor="middle" fill="{INK}"'
    return (
        f'<rect x="{x - 6.25}" y="0.75" width="12.5" height="12.5" {frame}/>'
        f'<text x="{x}" y="11" {text}>{escape(look.glyph)}</text>'
    )


def _stroke(look: Look) -> str:
    if not look.stroke:
        return ""
    dash = f' stroke-dasharray="{" ".join(map(str, look.dash))}"' if look.dash else ""
    return f'stroke="{look.stroke}" stroke-width="{look.weight}"{dash}'
