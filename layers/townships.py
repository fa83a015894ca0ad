"""Townships: borders, names and the county's outline; public territory, shown to everyone logged in."""

from __future__ import annotations

from datetime import date

from geo.store.engine import Store
from geo.store.queries import layer_frame
from layers import mvt
from layers.labels import encode_names
from layers.maplayer import MapLayer, TileRequest
from layers.part import EVERYTHING, Part, Territory, area_shapes, gather, label_places


def load_townships(store: Store, *, as_of: date, township: str) -> Part:
    """One township as a part; no rows when the store does not have it."""
    with store.read() as session:
        frame = layer_frame(session, "townships", as_of=as_of, within=(township,))
    shapes = area_shapes(frame)
    names, rooms_m = label_places(shapes)
    columns = {column: frame[column].to_numpy(dtype=object) for column in ("code", "name")}
    return Part(shapes, columns, Territory(frame["code"]), names, rooms_m)


def encode_townships(request: TileRequest) -> bytes:
    """Tile layers ``townships``, ``township_names``, and as lines ``township_borders`` and ``county``."""
    parts, shapes = request.touched(LAYER), request.shapes_together(LAYER)
    shapes, columns = gather(parts, shapes, bounds=request.reach, reads=EVERYTHING)
    borders, outline = request.pyramid.borders(request.everywhere(LAYER), request.z)
    return b"".join(
        [
            mvt.encode_polygons("townships", shapes, {"code": columns["code"]}, request.bounds),
            mvt.encode_lines("township_borders", borders, {}, request.bounds),
            mvt.encode_lines("county", outline, {}, request.bounds),
            encode_names("township_names", request, LAYER, columns=("code", "name"), reads=EVERYTHING),
        ]
    )


LAYER = MapLayer("townships", ("townships",), load_townships, encode_townships)
