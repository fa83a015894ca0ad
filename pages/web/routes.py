"""The server's own routes beside Streamlit: health, tiles, places, downloads, libraries, sign-in."""

from __future__ import annotations

import json
import math
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from geo.answers.attachments import attachment_content
from geo.answers.clock import default_as_of
from geo.answers.place import what_is_here
from geo.errors import CodeError, InputError, StoreError
from geo.exchange.uploads import JPEG, PDF
from geo.exchange.write import export_layer
from geo.frames import layer_named
from geo.i18n import _
from geo.store.versions import data_version
from layers.folium_map import WATCHED
from pages.web.assets import library_files, map_files, own_files
from pages.web.language import choose_language
from pages.web.login import login, logout, password
from pages.web.state import the_store, the_tiles
from pages.web.viewing import stop_view_as, view_as

_FORMATS = frozenset({"zip", "gpkg", "geojson", "csv", "xlsx"})
_MOST_TILES = 200  # several times what the largest screen shows
_SENT_AS = {JPEG: ("inline", "jpg"), PDF: ("attachment", "pdf")}
_VERSION_AGE_S = 0.25
"""However many maps are open, the store is asked at most so often whether anything changed."""


def own_routes(root: Path) -> list[BaseRoute]:
    """All routes that are not Streamlit's."""
    return [
        Route("/healthz", healthz),
        Route("/login", login, methods=["GET", "POST"]),
        Route("/logout", logout, methods=["GET", "POST"]),
        Route("/password", password, methods=["GET", "POST"]),
        Route("/view-as", view_as, methods=["GET", "POST"]),
        Route("/view-as/stop", stop_view_as, methods=["GET", "POST"]),
        Route("/language/{language}", choose_language),
        Route("/tiles/{layer}/{z:int}/{x:int}/{y:int}.pbf", tile),
        Route("/api/place", place),
        Route("/api/versions", versions),
        Route("/api/stale", stale),
        Route("/download/{layer}.{suffix}", download),
        Route("/attachment/{code}", attachment),
        Mount("/assets/own", own_files()),
        Mount("/assets/map", map_files()),
        Mount("/assets", library_files(root)),
    ]


def healthz(_request: Request) -> JSONResponse:
    """Route ``/healthz``: whether the store answers; says nothing else, as anybody may ask."""
    try:
        with the_store().read() as session:
            data_version(session)
    except StoreError:
        return JSONResponse({"ok": False, "store": "unavailable"}, 503)
    return JSONResponse({"ok": True, "store": "ok"})


def tile(request: Request) -> Response:
    """Route ``/tiles/{layer}/{z}/{x}/{y}.pbf?as_of=``: one vector tile, as its asker may see it."""
    actor, path = request.state.actor, request.path_params
    found = the_tiles().tile(
        path["layer"], path["z"], path["x"], path["y"], actor=actor, as_of=_as_of(request)
    )
    # Asked again each time: the next to sit at this browser may see less.
    headers = {"ETag": found.etag, "Cache-Control": "private, no-cache"}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if not found.body:
        return Response(status_code=204, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(found.body, media_type="application/vnd.mapbox-vector-tile", headers=headers)


def versions(request: Request) -> Response:
    """Route ``/api/versions?layers=``: tells an open map that something changed; all layers by default."""
    version = the_tiles().version(request.query_params.get("layers") or WATCHED, within_s=_VERSION_AGE_S)
    headers = {"ETag": f'"{version}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return JSONResponse({"version": version}, headers=headers)


def stale(request: Request) -> Response:
    """Route ``/api/stale?since=&tiles=z/x/y,…&layers=&as_of=``: tiles that may differ since a version."""
    asked = request.query_params
    addresses = [_address(text) for text in asked.get("tiles", "").split(",")[:_MOST_TILES]]
    found = the_tiles().stale(
        asked.get("layers") or WATCHED, addresses, since=asked.get("since", ""), as_of=_as_of(request)
    )
    return JSONResponse({"stale": [f"{z}/{x}/{y}" for z, x, y in found]})


def warm_tiles() -> None:
    """Make the tiles of the first view before anybody asks for them."""
    with the_store().read() as session:
        as_of = default_as_of(session, date.today())
    the_tiles().warm(as_of=as_of)


def place(request: Request) -> Response:
    """Route ``/api/place?lon=&lat=&as_of=``: what is here, as JSON."""
    lon, lat = (_degrees(request, name) for name in ("lon", "lat"))
    found = what_is_here(the_store(), request.state.actor, lon, lat, as_of=_as_of(request))
    return Response(json.dumps(asdict(found), ensure_ascii=False, default=str), media_type="application/json")


def download(request: Request) -> Response:
    """Route ``/download/{layer}.{suffix}?as_of=``: a layer as a file, without personal fields."""
    name, suffix = layer_named(request.path_params["layer"]).name, request.path_params["suffix"]
    if suffix not in _FORMATS:
        raise InputError(_("不能导出为“{suffix}”格式。").format(suffix=suffix))
    as_of = _as_of(request)
    with ExitStack() as kept:
        folder = kept.enter_context(TemporaryDirectory(prefix="minqing-"))
        target = Path(folder) / f"{name}-{as_of}.{suffix}"
        export_layer(the_store(), request.state.actor, name, target, as_of=as_of)
        sent = BackgroundTask(kept.pop_all().close)
    return FileResponse(target, filename=target.name, background=sent)


def attachment(request: Request) -> Response:
    """Route ``/attachment/{code}?preview=``: a picture or document, or a small picture of it.

    Always a JPEG or a PDF and never a page, whatever was uploaded; nothing tells a file that is not there
    from one that its asker may not see.
    """
    code, preview = request.path_params["code"], "preview" in request.query_params
    try:
        media_type, content = attachment_content(the_store(), request.state.actor, code, preview=preview)
    except CodeError as refusal:
        return PlainTextResponse(refusal.message, 404)
    etag = f'"{sha256(content).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    place, ending = _SENT_AS[media_type]
    headers["Content-Disposition"] = f'{place}; filename="{code}.{ending}"'
    return Response(content, media_type=media_type, headers=headers)


def _as_of(request: Request) -> date:
    given = request.query_params.get("as_of")
    if not given:
        with the_store().read() as session:
            return default_as_of(session, date.today())
    try:
        return date.fromisoformat(given)
    except ValueError as fault:
        raise InputError(_("“{text}”不是日期，应形如 2026-05-01。").format(text=given)) from fault


def _address(text: str) -> tuple[int, int, int]:
    try:
        z, x, y = (int(part) for part in text.split("/"))
    except ValueError as fault:
        raise InputError(_("“{text}”不是瓦片编号，应形如 12/3334/1652。").format(text=text)) from fault
    return z, x, y


def _degrees(request: Request, name: str) -> float:
    try:
        value = float(request.query_params.get(name, ""))
    except ValueError as fault:
        raise InputError(_("缺少坐标 {name}，或它不是数字。").format(name=name)) from fault
    if not math.isfinite(value) or abs(value) > (180 if name == "lon" else 90):
        raise InputError(_("坐标 {name} 超出范围。").format(name=name))
    return value
