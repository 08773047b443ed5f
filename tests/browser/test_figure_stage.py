"""Two figures on their stage: who is who, turned by keys, by dragging and by buttons."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pytest
from browser.chromium import Watch
from browser.instructor import Joints, call, flat
from playwright.sync_api import Page

from coach_server.body.skeleton import JOINTS

pytestmark = pytest.mark.browser

STAGE: Final = """
    document.body.className = '';
    const canvas = document.createElement('canvas');
    canvas.style.cssText = 'position:fixed;inset:0;width:640px;height:360px;z-index:9';
    document.body.replaceChildren(canvas);
    const stage = new m.FigureStage(canvas, a.options ?? {});
    const context = canvas.getContext('2d');
    let drawn = 0;
    const fill = context.fillRect.bind(context);
    context.fillRect = (...where) => { drawn += 1; fill(...where); };
    const frames = async (count) => {
      for (let i = 0; i < count; i += 1) await new Promise(requestAnimationFrame);
    };
    const settled = async () => {
      let drawnThen = -1;
      for (let i = 0; i < 200 && drawn !== drawnThen; i += 1) {
        drawnThen = drawn;
        await frames(2);
      }
      return [stage.yaw, stage.pitch];
    };
    await frames(3);
    const off = (joint) => (a.off === joint ? 1 : 0);
    stage.show({ instructor: a.instructor, student: a.student, off });
    Object.assign(window, { stage, frames, settled, drawings: () => drawn });
    const places = (isOne) => {
      const { width } = canvas;
      const copy = new OffscreenCanvas(width, canvas.height);
      const reading = copy.getContext('2d', { willReadFrequently: true });
      reading.drawImage(canvas, 0, 0);
      // Not so far down that the names are read as well.
      const { data } = reading.getImageData(0, 0, width, Math.round(0.88 * canvas.height));
      let [count, x, left, right] = [0, 0, width, 0];
      for (let i = 0; i < data.length; i += 4) {
        if (!isOne(data[i], data[i + 1], data[i + 2])) continue;
        const at = (i / 4) % width;
        count += 1;
        x += at;
        left = Math.min(left, at);
        right = Math.max(right, at);
      }
      return { count, x: x / count / width, left: left / width, right: right / width };
    };
    window.places = {
      orange: () => places((r, g, b) => r > 200 && g > 110 && g < 180 && b < 110),
      blue: () => places((r, g, b) => b > 150 && b > r + 50),
      white: () => places((r, g, b) => r > 225 && g > 200 && b > 170 && r > b),
    };
"""


@pytest.fixture
def stage_page(module_page: Page) -> Iterator[Page]:
    """The page of modules, watched."""
    watch = Watch(host=module_page.url.split("/")[2])
    watch.over(module_page)
    yield module_page
    assert watch.faults == []


def show(page: Page, pose: Joints | None, **argument: object) -> None:
    joints = None if pose is None else flat(pose)
    call(page, "figure_stage", STAGE, {"instructor": joints, "student": joints, **argument})


def test_two_figures_stand_side_by_side_each_in_its_own_colour(
    stage_page: Page, poses: Joints
) -> None:
    show(stage_page, poses[29])
    blue, white = stage_page.evaluate("[places.blue(), places.white()]")
    assert blue["count"] > 2000
    assert white["count"] > 1000
    assert blue["right"] < 0.5 < white["left"]
    show(stage_page, poses[29], student=None)
    alone = stage_page.evaluate("places.blue()")
    assert alone["right"] < 0.5
    assert abs(alone["count"] - blue["count"]) < 30
    show(stage_page, poses[29], instructor=flat(poses[2]), options={"laid": "over"})
    over = stage_page.evaluate("[places.blue(), places.white()]")
    assert [one["x"] for one in over] == pytest.approx([0.5, 0.5], abs=0.06)
    assert over[1]["right"] - over[1]["left"] > over[0]["right"] - over[0]["left"]


def test_a_limb_that_is_off_is_on_the_side_where_the_mirror_shows_it(
    stage_page: Page, poses: Joints
) -> None:
    found = []
    for mirror in (False, True):
        show(stage_page, poses[29], off="left_elbow", options={"mirror": mirror})
        found.append(stage_page.evaluate("places.orange()"))
    assert all(one["count"] > 100 for one in found)
    middle = 0.75  # of the student's half
    # The left hand of somebody who faces the camera is on the picture's right.
    assert found[0]["left"] > middle > found[1]["right"]
    assert found[0]["x"] - middle == pytest.approx(middle - found[1]["x"], abs=0.01)


def test_figures_turn_by_keys_and_are_drawn_only_then(stage_page: Page, poses: Joints) -> None:
    show(stage_page, poses[29])
    stage_page.evaluate("window.turned = []; stage.onTurn = (...now) => turned.push(now)")
    stage_page.keyboard.press("Tab")
    assert stage_page.evaluate("document.activeElement.tagName") == "CANVAS"
    wide = stage_page.evaluate("places.blue()")
    for _ in range(6):
        stage_page.keyboard.press("ArrowRight")
    assert stage_page.evaluate("settled()") == pytest.approx([np.pi / 2, 0.16])
    narrow = stage_page.evaluate("places.blue()")
    assert narrow["right"] - narrow["left"] < 0.75 * (wide["right"] - wide["left"])
    last = stage_page.evaluate("turned.at(-1)")
    assert last == pytest.approx([np.pi / 2, 0.16])
    before = stage_page.evaluate("drawings()")
    assert stage_page.evaluate("frames(10).then(drawings)") == before
    stage_page.keyboard.press("Home")
    assert stage_page.evaluate("settled()") == [0, 0.16]
    assert stage_page.evaluate("places.blue()") == wide
    for _ in range(20):
        stage_page.keyboard.press("ArrowUp")
    assert stage_page.evaluate("settled()") == pytest.approx([0, np.pi / 2])
    stage_page.keyboard.press("x")
    stage_page.evaluate("stage.turnTo(1, 0.2)")
    assert stage_page.evaluate("[stage.yaw, stage.pitch]") == [1, 0.2]


def test_figures_turn_by_dragging_and_zoom_by_keys(stage_page: Page, poses: Joints) -> None:
    show(stage_page, poses[29])
    mouse = stage_page.mouse
    mouse.move(300, 200)
    mouse.down()
    mouse.move(400, 230, steps=4)
    mouse.up()
    mouse.move(500, 300)
    assert stage_page.evaluate("[stage.yaw, stage.pitch]") == pytest.approx([1.1, 0.49])
    mouse.dblclick(300, 200)
    assert stage_page.evaluate("settled()") == [0, 0.16]
    small = stage_page.evaluate("places.white()")
    stage_page.keyboard.press("+")
    stage_page.evaluate("frames(2)")
    assert stage_page.evaluate("places.white()")["count"] > 1.1 * small["count"]


def test_the_canvas_says_what_it_is_and_owns_its_keys(stage_page: Page, poses: Joints) -> None:
    show(stage_page, poses[29])
    stage_page.evaluate(
        """() => {
        window.heard = [];
        document.onkeydown = ({ key }) => heard.push(key);
        }"""
    )
    canvas = stage_page.locator("canvas")
    assert canvas.get_attribute("role") == "img"
    assert "arrow keys" in str(canvas.get_attribute("aria-label"))
    canvas.focus()
    for key in ("ArrowLeft", "m", "Control+ArrowLeft"):
        stage_page.keyboard.press(key)
    assert stage_page.evaluate("heard") == ["m", "Control", "ArrowLeft"]


def test_less_motion_turns_at_once(stage_page: Page, poses: Joints) -> None:
    stage_page.emulate_media(reduced_motion="reduce")
    show(stage_page, poses[29])
    stage_page.evaluate("stage.glideTo(2, 0.3)")
    assert stage_page.evaluate("frames(2).then(() => [stage.yaw, stage.pitch])") == [2, 0.3]
    stage_page.emulate_media(reduced_motion="no-preference")


@pytest.mark.parametrize("laid", ["beside", "over"])
def test_every_pose_is_drawn_from_everywhere_without_a_fault(
    stage_page: Page, poses: Joints, laid: str
) -> None:
    lying = poses[60][:, [1, 0, 2]]
    folded = poses[60] * (1, 1, 0)
    point = np.zeros((JOINTS, 3))
    odd = [flat(pose) for pose in (*poses[::20], lying, folded, point)]
    show(stage_page, poses[29], options={"laid": laid})
    faults = stage_page.evaluate(
        """(odd) => {
        const faults = [];
        const off = (joint) => joint.length / 20;
        for (const pose of odd) for (let turn = -6; turn < 6; turn += 1) {
          try {
            stage.turnTo(turn / 2, turn % 2 ? 0 : 1.5);
            stage.show({ instructor: pose, student: odd[0], off });
            stage.show({ instructor: odd[1], student: pose });
          } catch (error) {
            faults.push(String(error));
          }
        }
        stage.show({ instructor: null, student: null });
        return faults;
        }""",
        odd,
    )
    assert faults == []


def test_sides_are_one_press_away_by_the_shorter_way(stage_page: Page, poses: Joints) -> None:
    show(stage_page, poses[29])
    stage_page.evaluate(
        """async () => {
        const { viewButtons } = await import('/static/js/figures/view_buttons.js');
        const row = viewButtons(stage);
        row.style.cssText = 'position:fixed;bottom:0;z-index:9';
        document.body.append(row);
        stage.turnTo(-3, 0.5);
        }"""
    )
    sides = {}
    for name in ("Back", "Side", "Above", "Front"):
        stage_page.get_by_role("button", name=name).click()
        sides[name] = stage_page.evaluate("settled()")
    assert sides["Back"] == pytest.approx([-np.pi, 0.16])
    assert sides["Side"] == pytest.approx([-np.pi / 2, 0.16])
    assert sides["Above"] == pytest.approx([0, np.pi / 2])
    assert sides["Front"] == pytest.approx([0, 0.16])
