"""A cue as it is shown: how long, and by which arrows on the body."""

import itertools
from typing import Final

import pytest
from browser.test_page_modules import run
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_idle_words_do_not_change_faster_than_they_are_read(module_page: Page) -> None:
    lines = run(
        module_page,
        "cues",
        """
        const board = new m.CueBoard();
        const lines = [];
        for (let now = 0; now < 6000; now += 100) {
          board.setSilence(now % 300 ? 'moving' : 'not_following');
          const { text } = board.saying(now);
          if (text !== lines.at(-1)?.[1]) lines.push([now, text]);
        }
        return lines.map(([now]) => now);
        """,
    )
    assert len(lines) > 1
    assert all(late - early >= 1500 for early, late in itertools.pairwise(lines))


def test_a_cue_goes_with_its_pose_and_with_a_jump(module_page: Page) -> None:
    shown = run(
        module_page,
        "cues",
        """
        const cue = { type: 'cue', id: 1, t: 2, routine_t: 2, joint: 'knee', side: 'left',
          direction: 'bend', deviation_deg: -20, text: 'Bend', state: 'raised', spoken: true };
        const first = { start_s: 0, end_s: 5 };
        const second = { start_s: 6, end_s: 9 };
        const board = new m.CueBoard();
        board.setSilence(null);
        const tone = (now) => board.saying(now).tone;
        board.hear(cue, 0);
        board.leave(second, 1000);
        const lines = [tone(1000)];
        board.leave(first, 5000);
        lines.push(tone(5000));
        board.leave(second, 5000);
        lines.push(tone(5000));
        board.hear({ ...cue, id: 2 }, 6000);
        board.jump();
        return [...lines, tone(6000)];
        """,
    )
    assert shown == ["correct", "correct", "quiet", "quiet"]


BODY: Final = """
    // COCO-17 of somebody who faces the camera: their left is on the right of the picture.
    const facing = [[.5, .2], [.51, .19], [.49, .19], [.53, .2], [.47, .2], [.56, .32], [.44, .32],
      [.6, .44], [.4, .44], [.61, .55], [.39, .55], [.54, .56], [.46, .56], [.55, .74], [.45, .74],
      [.55, .92], [.45, .92]].map(([x, y]) => [x, y, 1]);
    const away = facing.map(([x, y, score]) => [1 - x, y, score]);
    const aside = facing.map(([x, y, score]) => [.5 + (x - .5) * .1, y, score]);
    const folded = facing.map(([x, y, score]) => [y, x, score]);
    const ways = (body, joint, side, direction) =>
      m.arrowsOf({ joint, side, direction }, body, 1).map(({ from, to }) =>
        [0, 1].map((axis) => Math.sign(Math.round(20 * (to[axis] - from[axis])))));
"""


def test_arrows_point_where_the_words_do_or_are_not_drawn(module_page: Page) -> None:
    found = run(
        module_page,
        "body_arrow",
        f"""
        {BODY}
        return {{
          up: ways(facing, 'shoulder', 'right', 'raise'),
          out: [facing, away, aside].map((body) => ways(body, 'shoulder', 'left', 'out')),
          lean: [facing, away, aside].map((body) => ways(body, 'trunk', 'center', 'lean_left')),
          both: ways(facing, 'shoulder', 'both', 'out'),
          depth: ways(facing, 'shoulder', 'left', 'forward'),
          fold: ways(facing, 'hip', 'both', 'raise'),
          folded: ways(folded, 'shoulder', 'left', 'raise'),
          bend: ways(facing, 'knee', 'left', 'bend'),
          straighten: ways(facing, 'knee', 'left', 'straighten'),
        }};
        """,
    )
    assert found["up"] == [[0, -1]]
    assert found["out"] == [[[1, 0]], [[-1, 0]], []]
    assert found["lean"] == [[[1, 0]], [[-1, 0]], []]
    assert found["both"] == [[1, 0], [-1, 0]]
    assert found["depth"] == found["fold"] == found["folded"] == []
    assert found["bend"] == [[0, 1], [0, -1]]
    assert found["straighten"] == [[0, -1], [0, 1]]


def test_arrows_beside_a_level_limb_do_not_jump(module_page: Page) -> None:
    sides = run(
        module_page,
        "body_arrow",
        f"""
        {BODY}
        const level = facing.map((point) => [...point]);
        level[7] = [.7, .32, 1];
        level[9] = [.82, .32, 1];
        const cue = {{ joint: 'elbow', side: 'left', direction: 'straighten' }};
        return Array.from({{ length: 60 }}, (_, frame) => {{
          level[9][1] = .32 + .004 * Math.sin(7 * frame);
          return Math.sign(m.arrowsOf(cue, level, 1)[0].from[1] - .32);
        }});
        """,
    )
    assert set(sides) == {-1}
