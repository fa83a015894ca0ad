"""Drawing on the map with a real mouse."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely
from playwright.sync_api import Frame, Page, expect
from shapely.geometry import shape

from tests.browser.chrome import PATIENCE_MS
from tests.browser.conftest import NewVisit
from tests.browser.server import Site, running_site

pytestmark = pytest.mark.browser
Place = tuple[float, float]


@pytest.fixture(scope="module")
def site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page to draw on, over a store of this module's own."""
    store = tmp_path_factory.mktemp("editing") / "county.gpkg"
    shutil.copy(sample, store)
    with running_site(store, app="tests.browser.editing_app:app") as running:
        yield running


@dataclass
class Board:
    """The drawing page in a browser."""

    page: Page
    frame: Frame

    def choose(self, mode: str) -> None:
        """Press the page's button for a mode and wait until the map follows."""
        before = self.said()["serial"]
        self.page.get_by_role("button", name=mode, exact=True).click()
        self.wait_until(f"said.serial > {before}")
        shown = "" if mode == "none" else mode
        self.frame.wait_for_selector(
            f".leaflet-container[data-drawing='{shown}'][data-drawn='']", timeout=PATIENCE_MS
        )

    def said(self) -> dict[str, Any]:
        """What the page has got from its map."""
        return json.loads(self.page.locator(".st-key-said").text_content() or "{}")

    def wait_until(self, condition: str) -> dict[str, Any]:
        """Wait until what the page says fulfils a condition."""
        self.page.wait_for_function(
            "() => { const said = JSON.parse(document.querySelector('.st-key-said').textContent);"
            f" return {condition}; }}",
            timeout=PATIENCE_MS,
        )
        return self.said()

    def drawing(self) -> Any:
        """The finished drawing, as soon as the page has it."""
        return shape(self.wait_until("said.drawing !== null")["drawing"])

    def on_screen(self, lon: float, lat: float) -> Place:
        """Where a place lies in the window."""
        x, y = self.frame.evaluate(f"Object.values(map.latLngToContainerPoint([{lat!r}, {lon!r}]))")
        left, top = self.corner()
        return left + x, top + y

    def corner(self) -> Place:
        box = self.page.locator("iframe[title*=folium]").bounding_box()
        assert box is not None
        return box["x"], box["y"]

    def middle(self, right: float = 0, down: float = 0) -> Place:
        """So many pixels right of and below the map's middle."""
        x, y = self.frame.evaluate("Object.values(map.getSize().divideBy(2))")
        left, top = self.corner()
        return left + x + right, top + y + down

    def click(self, *places: Place) -> None:
        for place in places:
            self.page.mouse.move(*place, steps=3)
            self.page.mouse.click(*place)

    def drag(self, *places: Place) -> None:
        self.page.mouse.move(*places[0], steps=3)
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=6)
        self.page.mouse.up()

    def corners(self) -> int:
        return int(self.frame.locator(".leaflet-container").get_attribute("data-corners") or 0)

    def button(self, name: str) -> Any:
        return self.frame.locator(".map-tool").get_by_role("button", name=name, exact=True)

    @property
    def hint(self) -> Any:
        return self.frame.locator(".map-tool span")

    def lines(self) -> int:
        """How many lines and areas are drawn over the tiles."""
        return int(self.frame.evaluate("document.querySelectorAll('.leaflet-overlay-pane path').length"))


@pytest.fixture
def board(visit: NewVisit) -> Board:
    seen = visit()
    seen.sign_in("department")
    element = seen.page.locator("iframe[title*=folium]").element_handle(timeout=PATIENCE_MS)
    frame = element.content_frame() if element else None
    assert frame is not None
    frame.wait_for_selector(
        ".leaflet-container[data-painted='cell_management'][data-drawing]", timeout=PATIENCE_MS
    )
    return Board(seen.page, frame)


# ---- lines and new polygons


def test_a_line_is_drawn_click_by_click_without_asking_what_is_there(board: Board) -> None:
    board.choose("split")
    expect(board.hint).to_contain_text("起点")
    runs = board.said()["runs"]
    board.click(board.middle(-200, -100), board.middle(0, 30))
    expect(board.hint).to_contain_text("双击或按回车键完成")
    board.click(board.middle(180, -60))
    board.page.keyboard.press("Enter")
    line = board.drawing()
    assert line.geom_type == "LineString"
    assert len(line.coords) == 3
    said = board.said()
    assert said["clicked"] is None
    assert said["runs"] == runs + 1


def test_a_double_click_ends_a_line(board: Board) -> None:
    board.choose("split")
    zoom = board.frame.evaluate("map.getZoom()")
    board.click(board.middle(-200, -100))
    board.page.mouse.move(*board.middle(150, 90), steps=3)
    board.page.mouse.dblclick(*board.middle(150, 90))
    assert len(board.drawing().coords) == 2
    assert board.frame.evaluate("map.getZoom()") == zoom


def test_corners_can_be_taken_back_and_all_forgotten(board: Board) -> None:
    board.choose("split")
    board.click(board.middle(-200, -100), board.middle(-40, 70), board.middle(60, -70))
    assert board.corners() == 3
    board.page.keyboard.press("Backspace")
    assert board.corners() == 2
    board.button("撤回一点").click()
    assert board.corners() == 1
    expect(board.button("完成")).to_be_disabled()
    board.page.keyboard.press("Backspace")
    assert board.corners() == 0
    board.click(board.middle(-200, -100), board.middle(-40, 70))
    board.page.keyboard.press("Escape")
    assert board.corners() == 0
    expect(board.hint).to_contain_text("起点")
    assert board.said()["drawing"] is None


def test_a_new_polygon_ends_at_its_first_corner(board: Board) -> None:
    board.choose("draw")
    corners = [board.middle(-300, -120), board.middle(-200, -130), board.middle(-210, -40)]
    board.click(*corners, corners[0])
    area = board.drawing()
    assert area.geom_type == "Polygon"
    assert len(area.exterior.coords) == 4
    assert area.is_valid


def test_corners_snap_to_a_neighbours_corner_exactly(board: Board) -> None:
    board.choose("split")
    corner = board.said()["neighbours"][2]["coordinates"][0][0][0]
    x, y = board.on_screen(*corner)
    board.click((x + 4, y + 3), board.middle(250, 200))
    board.page.keyboard.press("Enter")
    assert list(board.drawing().coords[0]) == corner


def test_what_was_drawn_stays_until_the_next_tool(board: Board) -> None:
    board.choose("split")
    board.click(board.middle(-200, -100), board.middle(150, 90))
    board.page.keyboard.press("Enter")
    board.drawing()
    assert board.lines() == 1
    board.page.get_by_text("marks").click()
    board.frame.wait_for_selector(".leaflet-container[data-marks='5']", timeout=PATIENCE_MS)
    assert board.lines() == 1
    board.choose("none")
    assert board.lines() == 0
    assert board.said()["drawing"] is None


def test_drawing_again_takes_back_what_was_said(board: Board) -> None:
    board.choose("split")
    board.click(board.middle(-200, -100), board.middle(150, 90))
    board.page.keyboard.press("Enter")
    first = board.drawing()
    board.button("重画").click()
    board.wait_until("said.drawing === null")
    board.click(board.middle(-200, -100), board.middle(150, 90))
    board.page.keyboard.press("Enter")
    assert board.drawing() == first


# ---- the border of a cell


def rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    parts = geometry["coordinates"]
    return [ring for part in (parts if geometry["type"] == "MultiPolygon" else [parts]) for ring in part]


def inner_corner(said: dict[str, Any], skip: int = 0) -> list[float]:
    """A corner of the shape that lies clear of the village's border and of other corners."""
    village = shape(said["village"]).boundary
    ring = rings(said["shape"])[0][:-1]
    places = [shapely.Point(corner) for corner in ring]
    apart = [
        corner
        for n, corner in enumerate(ring)
        if village.distance(places[n]) > 1e-5
        and min(places[n].distance(places[n - 1]), places[n].distance(places[n + 1 - len(ring)])) > 1e-4
    ]
    return apart[skip]


def test_moving_one_corner_leaves_all_others_as_they_were(board: Board) -> None:
    board.choose("redraw")
    expect(board.button("完成")).to_be_disabled()
    said = board.said()
    corner = inner_corner(said)
    x, y = board.on_screen(*corner)
    board.page.keyboard.down("Alt")  # no snapping
    board.drag((x, y), (x + 14, y + 9))
    board.page.keyboard.up("Alt")
    expect(board.button("完成")).to_be_enabled()
    board.page.keyboard.press("Enter")
    board.drawing()
    before, after = rings(said["shape"]), rings(board.said()["drawing"])
    assert [len(ring) for ring in before] == [len(ring) for ring in after]
    pairs = [pair for both in zip(before, after, strict=True) for pair in zip(*both, strict=True)]
    changed = [(old, new) for old, new in pairs if old != new]
    assert [old for old, _new in changed] == [corner] * len(changed)
    assert len({tuple(new) for _old, new in changed}) == 1
    assert board.said()["drawing"]["type"] == said["shape"]["type"]


def test_steps_can_be_taken_back_until_nothing_is_changed(board: Board) -> None:
    board.choose("redraw")
    said = board.said()
    for skip in (0, 2):
        x, y = board.on_screen(*inner_corner(said, skip))
        board.drag((x, y), (x + 16, y + 5))
    assert board.corners() == 2
    board.page.keyboard.press("Backspace")
    board.page.keyboard.press("Backspace")
    assert board.corners() == 0
    x, y = board.on_screen(*inner_corner(said))
    board.page.mouse.click(x, y, button="right")
    assert board.corners() == 1
    board.page.keyboard.press("Enter")
    board.drawing()
    before, after = rings(said["shape"])[0], rings(board.said()["drawing"])[0]
    gone = [corner for corner in before if corner not in after]
    assert gone == [inner_corner(said)] * len(gone)
    assert len(after) == len(before) - 1


def test_corners_on_the_villages_border_stay(board: Board) -> None:
    board.choose("redraw")
    said = board.said()
    village = shape(said["village"]).boundary
    fixed = [c for c in rings(said["shape"])[0][:-1] if village.distance(shapely.Point(c)) < 1e-9]
    assert fixed
    x, y = board.on_screen(*fixed[0])
    board.drag((x, y), (x - 30, y - 30))
    assert board.corners() == 0
    expect(board.frame.locator(".marker-icon-fixed").first).to_be_visible()


def test_going_on_takes_back_what_was_said(board: Board) -> None:
    board.choose("redraw")
    x, y = board.on_screen(*inner_corner(board.said()))
    board.drag((x, y), (x + 16, y + 5))
    board.page.keyboard.press("Enter")
    first = board.drawing()
    board.button("继续修改").click()
    board.wait_until("said.drawing === null")
    x, y = board.on_screen(*inner_corner(board.said(), 2))
    board.drag((x, y), (x + 16, y + 5))
    board.page.keyboard.press("Enter")
    assert not board.drawing().equals_exact(first, 1e-9)


# ---- choosing


@pytest.mark.parametrize("mode", ["box", "lasso"])
def test_cells_are_chosen_by_dragging(board: Board, mode: str) -> None:
    board.choose(mode)
    view = board.frame.evaluate("map.getCenter().toString() + map.getZoom()")
    places = [(-150, -150), (150, -150), (150, 150), (-150, 150)]
    round_about = [board.middle(*place) for place in places]
    board.drag(*(round_about if mode == "lasso" else [round_about[0], round_about[2]]))
    area = board.drawing()
    said = board.wait_until("said.chosen.length > 0")
    assert area.geom_type == "Polygon"
    assert said["clicked"] is None
    inside = [shape(cell) for cell in said["neighbours"] if area.covers(shape(cell))]
    assert len(said["chosen"]) >= len(inside)
    assert board.frame.evaluate("map.getCenter().toString() + map.getZoom()") == view


def test_a_slip_of_the_hand_draws_nothing(board: Board) -> None:
    board.choose("box")
    board.drag(board.middle(), board.middle(3, 3))
    expect(board.button("重画")).to_be_hidden()
    assert board.said()["drawing"] is None


def test_a_click_tells_the_page_where(board: Board) -> None:
    board.choose("click")
    expect(board.hint).to_contain_text("单击网格")
    board.click(board.middle())
    clicked = board.wait_until("said.clicked !== null")["clicked"]
    assert (
        shape(board.said()["village"])
        .envelope.buffer(0.01)
        .covers(shapely.Point(clicked["lng"], clicked["lat"]))
    )


def test_marks_are_drawn_over_the_tiles_and_take_no_clicks(board: Board) -> None:
    board.page.get_by_text("marks").click()
    board.frame.wait_for_selector(".leaflet-container[data-marks='5']", timeout=PATIENCE_MS)
    assert board.frame.locator(".leaflet-marks-pane path[fill='url(#mark-fault)']").count() == 1
    assert board.frame.locator(".map-mark-fault").text_content() == "重叠 320 m²"
    assert board.frame.locator(".leaflet-marks-pane .leaflet-interactive").count() == 0
    board.page.get_by_text("marks").click()
    board.frame.wait_for_selector(".leaflet-container[data-marks='0']", timeout=PATIENCE_MS)
    assert board.frame.locator(".leaflet-marks-pane path").count() == 0
