"""A camera that turns or changes its size in mid-stream: what is drawn stays on the student."""

from typing import Any, Final

import pytest
from browser.chromium import OpenPage
from browser.practice_page import PracticePage, until
from browser.scripted_server import STANDING
from browser.server_process import ServerProcess
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ANKLE: Final = 15
"""Of COCO-17: the left one."""

CAMERA: Final = """
(() => {
  const camera = document.createElement('canvas');
  const paint = () => {
    const { width, height } = camera;
    const context = camera.getContext('2d');
    context.fillStyle = '#808080';
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#ff00ff';
    const side = 0.04 * height;
    context.fillRect(X * width - side / 2, Y * height - side / 2, side, side);
  };
  // A new size empties a canvas: painted in the same turn, no picture without a mark is taken.
  window.turnCamera = (width, height) => {
    Object.assign(camera, { width, height });
    paint();
  };
  window.turnCamera(640, 480);
  navigator.mediaDevices.getUserMedia = async () => {
    setInterval(paint, 33);
    return camera.captureStream(30);
  };
})();
"""
"""A camera whose picture has a mark where the scripted coach sees the left ankle."""

LOOK: Final = """() => {
  const [picture, overlay] = ['picture', 'overlay'].map((id) => document.getElementById(id));
  const rect = (canvas) => {
    const { x, y, width, height } = canvas.getBoundingClientRect();
    return [x, y, width, height];
  };
  const box = (canvas, holds) => {
    const { width, height } = canvas;
    const copy = Object.assign(document.createElement('canvas'), { width, height });
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const [xs, ys] = [[], []];
    for (let at = 0; at < data.length; at += 4) {
      if (!holds(data, at)) continue;
      xs.push((at / 4) % width / width);
      ys.push(Math.floor(at / 4 / width) / height);
    }
    const ends = (values) => values.length
      ? [values, values].map((all, side) => all.reduce(side ? (a, b) => Math.max(a, b)
                                                            : (a, b) => Math.min(a, b)))
      : null;
    return [ends(xs), ends(ys)];
  };
  return {
    size: [picture.width, picture.height],
    picture: rect(picture),
    overlay: rect(overlay),
    mark: box(picture, (data, at) => data[at] > 200 && data[at + 1] < 90 && data[at + 2] > 200),
    drawn: box(overlay, (data, at) => data[at] > 200 && data[at + 3] > 200),
  };
}"""


def look(page: Page, size: tuple[int, int]) -> dict[str, Any]:
    """What is seen once a picture of that size is, with its mark and a skeleton on it."""
    width, height = size
    until(page, f"document.getElementById('picture').width === {width}")
    until(page, f"document.getElementById('picture').height === {height}")
    for _ in range(600):
        seen: dict[str, Any] = page.evaluate(LOOK)
        if seen["mark"][0] is not None and seen["drawn"][0] is not None:
            return seen
        page.wait_for_timeout(50)
    pytest.fail(f"the mark is at {seen['mark']}, what is drawn at {seen['drawn']}")


def test_what_is_drawn_lies_on_the_picture_whatever_becomes_of_it(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    x, y = (float(each) for each in STANDING[ANKLE])
    camera = CAMERA.replace("X", str(x)).replace("Y", str(y))
    with open_page(scripted, init=camera) as page:
        practice = PracticePage(page)
        practice.meet(scripted.address)
        for size in ((640, 480), (480, 640), (320, 240)):
            page.evaluate(f"window.turnCamera({size[0]}, {size[1]})")
            seen = look(page, size)
            assert seen["size"] == list(size)
            assert seen["overlay"] == pytest.approx(seen["picture"], abs=1.0)
            _, _, wide, high = seen["picture"]
            assert wide / high == pytest.approx(size[0] / size[1], rel=0.01), "it is not cut off"
            (left, right), (top, bottom) = seen["mark"]
            assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((x, y), abs=0.02)
            (left, right), (top, bottom) = seen["drawn"]
            assert bottom == pytest.approx(y, abs=0.02), "the ankles, where the mark is"
            assert (left, right) == pytest.approx((STANDING[10][0], STANDING[9][0]), abs=0.03)
