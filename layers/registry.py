"""All layers that tiles can carry, by name."""

from __future__ import annotations

from geo.errors import InputError
from geo.i18n import _
from layers import cell_names, cells, chain, gaps, households, network, rectifications, townships, villages
from layers.maplayer import MapLayer

MAP_LAYERS: dict[str, MapLayer] = {
    module.LAYER.name: module.LAYER
    for module in (townships, villages, cells, cell_names, households, network, gaps, chain, rectifications)
}


def layers_named(names: str) -> tuple[MapLayer, ...]:
    """Map layers of a comma-separated list, in the registry's order; an unknown name raises `InputError`."""
    wanted = set(names.split(","))
    unknown = wanted - MAP_LAYERS.keys()
    if unknown:
        raise InputError(
            _("没有名为“{name}”的地图图层。").format(name="、".join(sorted(unknown))),
            hint=_("可用的图层：{names}。").format(names="、".join(MAP_LAYERS)),
        )
    return tuple(layer for name, layer in MAP_LAYERS.items() if name in wanted)
