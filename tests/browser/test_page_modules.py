"""The pure parts of the pages, in the browser that runs them."""

from typing import Any

import pytest
from playwright.sync_api import Page

from coach_server.coaching.choices import Language, Tempo
from coach_server.coaching.cue import Direction
from coach_server.coaching.deviation import Strictness
from coach_server.coaching.routine import Mirror
from coach_server.coaching.silence import Silence
from coach_server.rtc.messages import (
    ByeMessage,
    PlayerMessage,
    SettingsMessage,
    parse_page_message,
)

pytestmark = pytest.mark.browser


def run(page: Page, module: str, body: str) -> Any:
    """The value of an async function's `body`, in which `m` is the module."""
    return page.evaluate(
        f"async () => {{ const m = await import('/static/js/{module}.js'); {body} }}"
    )


def test_the_frame_ring_gives_the_frame_captured_then_or_none(module_page: Page) -> None:
    found = run(
        module_page,
        "frames",
        """
        let made = 0;
        const ring = new m.FrameRing(3, () => made++);
        for (const at of [100, 133, 167, 200]) ring.put(at);
        const at = (ms) => ring.nearest(ms)?.captureMs ?? null;
        return [made, at(140), at(205), at(150), at(100), ring.newest().captureMs];
        """,
    )
    assert found == [3, 133, 200, None, None, 200]


def test_a_constant_bias_of_capture_times_is_learnt_within_half_a_frame(
    module_page: Page,
) -> None:
    learnt = run(
        module_page,
        "frames",
        """
        const ring = new m.FrameRing(12, () => 0);
        const after = (bias) => {
          const learning = new m.CaptureBias();
          for (let frame = 0; frame < 60; frame += 1) {
            ring.put(frame * 33.3);
            learning.learn(ring, frame * 33.3 + bias);
          }
          return Math.round(learning.ms);
        };
        return [after(0), after(-14), after(15)];
        """,
    )
    assert learnt == [0, -14, 15]


def test_a_pose_that_comes_early_waits_for_its_frame(module_page: Page) -> None:
    found = run(
        module_page,
        "frames",
        """
        const early = new m.EarlyPoses(2);
        for (const at of [1, 100, 133]) early.add(at, at);
        const take = (ms) => early.take(ms);
        return [take(1), take(95), take(95), take(140), take(140)];
        """,
    )
    assert found == [None, 100, None, 133, None]


def test_chapters_are_read_and_placed(module_page: Page) -> None:
    place = run(
        module_page,
        "chapters",
        r"""
        const vtt = 'WEBVTT\r\n\r\nNOTE x\r\n\r\n1\r\n00:00.000 --> 00:05.000\r\n' +
          'Mountain (Tadasana)\r\n\r\n01:00:05.000 --> 01:00:09.500 align:start\r\nStar\r\n';
        const chapters = m.readChapters(vtt);
        const holds = [{ start_s: 1, end_s: 5 }];
        return [chapters.map(({ start, end }) => [start, end]), m.placeAt(chapters, holds, 2),
          m.placeAt(chapters, holds, 7), m.placeAt([], [], 7)];
        """,
    )
    assert place == [
        [[0, 5], [3605, 3609.5]],
        {
            "title": "Mountain",
            "progress": 0.25,
            "holdLeftS": 3,
            "next": "Star",
            "hold": {"start_s": 1, "end_s": 5},
        },
        {"title": "", "progress": 0, "hold": None, "holdLeftS": None, "next": "Star"},
        {"title": "", "progress": 0, "hold": None, "holdLeftS": None, "next": ""},
    ]


GLOW = """
    const glow = new m.Glow();
    const rounded = () => Math.round(glow.of('left_knee') * 100) / 100;
    const show = (deviations, frames, judging = true, cued = []) => {
      for (let i = 0; i < frames; i += 1) glow.update(deviations, judging, cued);
      return rounded();
    };
"""


def test_a_limb_glows_where_the_server_lists_it_by_how_far_it_is_off(module_page: Page) -> None:
    strengths = run(
        module_page,
        "body",
        f"""
        {GLOW}
        return [show({{ trunk: 9 }}, 60), show({{ left_knee: -7 }}, 60),
          show({{ left_knee: -20 }}, 60), show({{ left_knee: 60 }}, 60), show({{}}, 60),
          show({{ left_knee: 20 }}, 60, true, ['left_knee']), show({{}}, 60, true, ['left_knee'])];
        """,
    )
    assert strengths == [0, 0.25, 0.5, 1, 0, 1, 0]


def test_a_limb_listed_in_every_other_frame_keeps_what_it_did(module_page: Page) -> None:
    glowing = run(
        module_page,
        "body",
        f"""
        {GLOW}
        const flicker = () => {{
          const seen = new Set();
          for (let i = 0; i < 30; i += 1) {{
            show({{ left_knee: 20 }}, 1);
            seen.add(rounded() > 0);
            show({{}}, 1);
            seen.add(rounded() > 0);
          }}
          return [...seen];
        }};
        return [show({{ left_knee: 20 }}, 1), flicker(), show({{ left_knee: 20 }}, 60), flicker()];
        """,
    )
    assert glowing == [0, [False], 0.5, [True]]


def test_nothing_glows_from_the_frame_on_at_which_nothing_is_judged(module_page: Page) -> None:
    strengths = run(
        module_page,
        "body",
        f"""
        {GLOW}
        const off = {{ left_knee: 60 }};
        return [show(off, 60), show(off, 1, false, ['left_knee']), show(off, 1)];
        """,
    )
    assert strengths == [1, 0, 0]


def test_the_board_shows_a_cue_until_it_is_fixed_and_then_praises(module_page: Page) -> None:
    said = run(
        module_page,
        "cues",
        """
        const cue = (id, state, text) => ({ type: 'cue', id, state, text, joint: 'knee',
          side: 'left', direction: 'bend', spoken: true });
        const board = new m.CueBoard();
        board.setSilence(null);
        const spoken = [board.hear(cue(1, 'raised', 'Bend'), 0)];
        const seen = [board.saying(3000).text, board.joints()[0]];
        spoken.push(board.hear(cue(1, 'fixed', 'Good, that is it.'), 3500));
        seen.push(board.saying(3600).tone, board.saying(9000).tone, board.joints().length);
        spoken.push(board.hear({ ...cue(2, 'raised', 'Bend'), spoken: false }, 10000));
        board.setSilence('moving');
        seen.push(board.saying(13000).tone, board.saying(14500).tone);
        board.setAbsence({ tone: 'trouble', text: 'gone' });
        seen.push(board.saying(14500).text);
        return { spoken, seen, history: board.history.map(({ fixed }) => fixed) };
        """,
    )
    assert said == {
        "spoken": ["Bend", "Good, that is it.", ""],
        "seen": ["Bend", "left_knee", "praise", "quiet", 0, "correct", "quiet", "gone"],
        "history": [True, False],
    }


def test_every_silence_of_the_server_has_words(module_page: Page) -> None:
    texts = run(
        module_page,
        "cues",
        f"""
        const board = new m.CueBoard();
        return {[str(silence) for silence in Silence]}.map((silence, index) => {{
          board.setSilence(silence);
          return board.saying(2000 * index).text;
        }});
        """,
    )
    assert all(texts)
    assert len(set(texts)) == len(Silence)


def test_every_direction_of_the_server_has_a_sign(module_page: Page) -> None:
    directions = [str(direction) for direction in Direction]
    paths = run(
        module_page,
        "arrows",
        f"return {directions}.map((direction) => m.arrowPath(direction, 'left'));",
    )
    assert all(paths)
    outwards = run(
        module_page,
        "arrows",
        "return ['left', 'right', 'both'].map((side) => m.arrowPath('out', side));",
    )
    assert len(set(outwards)) == 3


def test_unknown_messages_are_ignored_and_counted(module_page: Page) -> None:
    assert run(
        module_page,
        "messages",
        """
        const reader = new m.MessageReader();
        const read = ['{"v":1,"type":"state","silence":null}', '{"v":2,"type":"state"}',
          '{"v":1,"type":"news"}', 'no json', 'null', '[]'].map((text) => reader.read(text));
        read.push(reader.read(new ArrayBuffer(2)));
        return [read.map((message) => message?.type ?? null), reader.ignored];
        """,
    ) == [["state", None, None, None, None, None, None], 6]


def test_what_the_page_says_is_what_the_server_reads(module_page: Page) -> None:
    texts = run(
        module_page,
        "messages",
        """
        return [m.playerMessage({ t: 1.5, playing: true, rate: 1, atMs: 1e12 }),
          m.settingsMessage({ strictness: 'gentle', mirror: 'auto', tempo: 'free', voice: true,
            language: 'zh' }),
          m.byeMessage()];
        """,
    )
    assert [parse_page_message(text) for text in texts] == [
        PlayerMessage(1.5, True, 1.0, 1e12),
        SettingsMessage(Strictness.GENTLE, Mirror.AUTO, Tempo.FREE, Language.CHINESE),
        ByeMessage(),
    ]


def test_a_refusal_is_asked_again_only_where_that_can_help(module_page: Page) -> None:
    states = run(
        module_page,
        "connection",
        """
        const { ServerRefusal } = await import('/static/js/routines.js');
        const after = (status, code, wasLive) =>
          m.stateAfter(new ServerRefusal('', { status, code }), wasLive);
        return [after(503, 'full', true), after(503, 'engine', false),
          after(400, 'bad_offer', true), after(404, 'not_found', false),
          after(409, 'retracking', false), after(409, 'stale_offer', true),
          after(404, 'not_found', true), after(429, '', false),
          after(0, 'unreachable', true), m.stateAfter(null, false)];
        """,
    )
    assert states == [
        *("full", "connecting", "refused", "refused", "full", "lost"),
        *("lost", "connecting", "lost", "connecting"),
    ]


ATTEMPTS = """
async (least) => {
  const made = [];
  const Stock = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Stock {
    constructor(...given) {
      super(...given);
      made.push(new WeakRef(this));
    }
  };
  globalThis.fetch = async () => new Response('{}', { status: 503 });
  setInterval(() => dispatchEvent(new Event('online')), 20);  // who waits tries again
  const { Connection } = await import('/static/js/connection.js');
  const [track] = document.createElement('canvas').captureStream(1).getVideoTracks();
  const nothing = () => {};
  const wiring = { onPose: nothing, onControl: nothing, onLink: nothing, onOpen: nothing };
  globalThis.line = new Connection({ track, routine: 'demo', ...wiring });
  void globalThis.line.keep();
  while (made.length < least) await new Promise((soon) => setTimeout(soon, 20));
  globalThis.alive = () => made.filter((each) => each.deref()).length;
}
"""


def test_attempts_that_came_to_nothing_leave_no_connection(module_page: Page) -> None:
    """A page has some 500 of them; the server may be gone for an hour."""
    module_page.evaluate(ATTEMPTS, 30)
    inspector = module_page.context.new_cdp_session(module_page)
    for _ in range(100):
        inspector.send("HeapProfiler.collectGarbage")
        if (alive := module_page.evaluate("alive()")) < 8:
            break
        module_page.wait_for_timeout(100)
    module_page.evaluate("line.close()")
    assert alive < 8


def test_the_summary_claims_nothing_that_was_not_judged(module_page: Page) -> None:
    texts = run(
        module_page,
        "summary",
        """
        const cue = (id, fixed) => ({ id, text: 'Bend', fixed });
        return [m.verdict([], true), m.verdict([], false), m.verdict([cue(1, true)], true),
          m.verdict([cue(1, true), cue(2, false)], true), m.cueItems([cue(1, true), cue(2, false)])
            .map((item) => item.innerText).join()];
        """,
    )
    assert texts[0] == "Nothing to correct, from beginning to end."
    assert "could not judge" in texts[1]
    assert texts[2] == "One correction, and you mended it."
    assert texts[3] == "2 corrections, 1 mended."
    assert "2 times" in texts[4]
    assert "to work on" in texts[4]


def test_moments_are_written_and_read_as_players_do(module_page: Page) -> None:
    found = run(
        module_page,
        "clock",
        """
        return [[m.moment(65.25), m.moment(59.999, 2), m.moment(12.5, 0), m.moment(3725.5, 0)],
          ['65.3', '1:05,3', '0:01:05', ' 7 ', '1:2:3:4', 'x', ''].map(m.readMoment).map(String),
          [null, 3, 42, 150].map(m.timeLeft)];
        """,
    )
    assert found == [
        ["1:05.3", "1:00.00", "0:12", "1:02:05"],
        ["65.3", "65.3", "65", "7", "NaN", "NaN", "NaN"],
        ["", "a few seconds left", "about 50 s left", "about 3 min left"],
    ]


def test_only_holds_are_held_and_names_of_files_stay_as_they_are(module_page: Page) -> None:
    kinds = run(
        module_page,
        "routines",
        """
        const segments = ['hold', 'transition', 'repetitions', 'hold'].map((kind, index) =>
          ({ kind, start_s: index, end_s: index + 1 }));
        return [m.holdsOf({ segments }).map(({ start_s }) => start_s), m.holdsOf({})];
        """,
    )
    assert kinds == [[0, 3], []]
    said = run(
        module_page,
        "sentence",
        "return ['no such thing', 'Done.', 'notes.txt is no film', ''].map(m.sentence);",
    )
    assert said == ["No such thing.", "Done.", "notes.txt is no film.", ""]


DRAFT = """
    const span = (start_s, end_s, title) => ({ start_s, end_s, ...(title && { title }) });
    const draft = new m.Draft({ title: 'Flow', mirror: 'same', holds: [span(1, 3), span(5, 8)],
      chapters: [span(0, 4, 'A'), span(4, 9, 'B')] }, 10);
    const holds = () => draft.now.holds.map(({ start_s, end_s }) => [start_s, end_s]);
    const names = () => draft.now.chapters.map((one) => [one.start_s, one.end_s, one.title]);
"""


def test_holds_of_a_draft_stay_apart_and_names_share_their_ends(module_page: Page) -> None:
    found = run(
        module_page,
        "draft",
        f"""
        {DRAFT}
        const moved = [draft.move('holds', 0, 'end_s', 7), draft.move('holds', 1, 'start_s', 0),
          draft.move('holds', 1, 'end_s', 99), draft.move('holds', 0, 'start_s', -5)];
        draft.move('chapters', 0, 'end_s', 6);
        return [moved, holds(), names(), Object.keys(draft.change)];
        """,
    )
    assert found == [
        [5, 5, 10, 0],
        [[0, 5], [5, 10]],
        [[0, 6, "A"], [6, 9, "B"]],
        ["holds", "chapters"],
    ]


def test_what_is_added_to_a_draft_finds_its_room_and_all_can_be_taken_back(
    module_page: Page,
) -> None:
    found = run(
        module_page,
        "draft",
        f"""
        {DRAFT}
        const added = [draft.add('holds', 3.5, 3), draft.add('holds', 6, 3),
          draft.add('chapters', 2, 6), draft.add('chapters', 9.9, 6)];
        const after = [holds(), names(), draft.fault];
        draft.discard();
        const named = m.poseOf(draft.now.chapters, draft.now.holds[1]);
        return [added, ...after, draft.change, named];
        """,
    )
    assert found == [
        [1, -1, 1, -1],
        [[1, 3], [3.5, 5], [5, 8]],
        [[0, 2, "A"], [2, 4, ""], [4, 9, "B"]],
        "Pose 2 needs a name.",
        None,
        "B",
    ]
