"""Without a hand on the machine: signs of the arms, media keys, and the sound."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from browser.conftest import DEMO
from browser.test_page_modules import run
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TRACK: Final = Path(DEMO) / "routine" / "track.npz"

PERSON: Final = """
    let seed = 3;
    const random = () => (seed = (seed * 1664525 + 1013904223) % 4294967296) / 4294967296;
    // Places as the classifier has them: to one's left and down from the chest, in trunks.
    const DOWN = [[.42, .5], [-.42, .5], [.45, 1], [-.45, 1]];
    const bodyOf = (arms, { aspect, jitter = 0, turn = 1, lost = [], lying = false }) => {
      const trunk = 0.24;
      const points = [[0, -.38], [.05, -.42], [-.05, -.42], [.1, -.4], [-.1, -.4],
        [.33, 0], [-.33, 0], ...arms,
        [.2, 1], [-.2, 1], [.22, 1.85], [-.22, 1.85], [.24, 2.7], [-.24, 2.7]];
      const noise = () => (random() + random() + random() - 1.5) * 2 * jitter;
      return points.map(([left, down], index) => {
        const [x, y] = lying ? [down, -left] : [left * turn, down];
        return [0.5 + (x * trunk + noise()) / aspect, 0.35 + y * trunk + noise(),
          lost.includes(index) ? 0.1 : 0.9];
      });
    };
    const ARMS = {
      down: DOWN,
      joined_overhead: [[.3, -.5], [-.3, -.5], [.03, -1.05], [-.03, -1.05]],
      raised_wide: [[.5, -.42], [-.5, -.42], [.65, -.92], [-.65, -.92]],
      one_raised: [[.35, -.45], DOWN[1], [.4, -.95], DOWN[3]],
      cactus: [[.85, -.02], [-.85, 0], [.86, -.5], [-.86, -.5]],
      aside: [[.85, 0], [-.85, 0], [1.3, 0], [-1.3, 0]],
      before_the_chest: [[.3, .43], [-.3, .43], [-.17, .12], [.17, .14]],
      before_the_belly: [[.36, .45], [-.36, .48], [-.12, .42], [.12, .44]],
      folded: [[.4, .46], [-.42, .46], [-.12, .36], [.1, .38]],
      hugging: [[.19, .3], [-.2, .3], [-.24, -.05], [.2, -.04]],
      prayer: [[.47, .5], [-.48, .5], [.08, .18], [-.08, .2]],
      clasped: [[.45, .5], [-.45, .5], [.1, .74], [-.12, .74]],
      on_hips: [[.68, .37], [-.66, .37], [.34, .66], [-.34, .67]],
      eagle: [[.02, .2], [-.02, .3], [-.05, -.2], [.06, -.2]],
      one_across: [[.41, .46], DOWN[1], [-.12, .37], DOWN[3]],
    };
    /** What counts, and when, of arms shown one after the other: [name, seconds]. */
    const watch = (shown, manner) => {
      const told = [];
      let now = 0;
      const gestures = new m.Gestures((name) => told.push([name, now]));
      for (const [name, seconds] of shown) {
        for (const end = now + seconds * 1000; now < end; now += 33) {
          const gone = random() < (manner.dropouts ?? 0);
          gestures.hear(gone ? [] : bodyOf(ARMS[name], manner), manner.aspect, now);
        }
      }
      return told;
    };
"""


@pytest.mark.parametrize(
    ("arms", "sign"),
    [
        *((name, "arms_up") for name in ("joined_overhead", "raised_wide")),
        *((name, "arms_crossed") for name in ("before_the_chest", "before_the_belly")),
        *((name, "arms_crossed") for name in ("folded", "hugging")),
        *((name, None) for name in ("down", "one_raised", "cactus", "aside", "prayer")),
        *((name, None) for name in ("clasped", "on_hips", "eagle", "one_across")),
    ],
)
def test_signs_are_told_from_what_arms_do_otherwise(
    module_page: Page, arms: str, sign: str | None
) -> None:
    told = run(
        module_page,
        "gestures",
        f"""
        {PERSON}
        const noisy = {{ jitter: 0.008, dropouts: 0.1 }};
        return [4 / 3, 9 / 16].flatMap((aspect) => [1, -1].map((turn) =>
          watch([['down', 1], [{arms!r}, 3], ['down', 1]], {{ aspect, turn, ...noisy }})));
        """,
    )
    for signs in told:
        assert [name for name, _ in signs] == ([sign] if sign else [])
        assert all(1900 <= at <= 4000 for _, at in signs)


def test_a_sign_is_held_and_let_go_before_it_counts_again(module_page: Page) -> None:
    told = run(
        module_page,
        "gestures",
        f"""
        {PERSON}
        const still = {{ aspect: 4 / 3 }};
        const [up, folded] = ['raised_wide', 'folded'];
        return [
          [[up, 0.8]], [[folded, 1]], [[up, 5]], [[folded, 5]],
          [[up, 1.5], ['down', 1], [up, 1.5]], [[folded, 2], ['down', 1], [folded, 2]],
          [[up, 1.5], ['down', 0.1], [up, 1.5]], [[folded, 1.5], [up, 1.5]],
        ].map((shown) => watch(shown, still).map(([name]) => name));
        """,
    )
    up, crossed = "arms_up", "arms_crossed"
    assert told == [[], [], [up], [crossed], [up] * 2, [crossed] * 2, [up], [crossed, up]]


def test_how_long_still_is_shown_until_it_counts(module_page: Page) -> None:
    told = run(
        module_page,
        "gestures",
        f"""
        {PERSON}
        const gestures = new m.Gestures(() => {{}});
        const shown = [];
        const hear = (arms, from, to) => {{
          for (let now = from; now < to; now += 100) {{
            gestures.hear(bodyOf(ARMS[arms], {{ aspect: 1 }}), 1, now);
            shown.push(gestures.now && [gestures.now.name, Math.round(gestures.now.share * 10)]);
          }}
        }};
        hear('down', 0, 300);
        hear('raised_wide', 300, 1500);
        return shown;
        """,
    )
    shares = [share for _, share in filter(None, told)]
    assert told[:4] == [None] * 4
    assert shares[0] == 2
    assert shares == sorted(set(shares))
    assert told[-1] is None


@pytest.mark.parametrize(
    "manner",
    [
        "lost: [9]",
        "lost: [7]",
        "lost: [5]",
        "lost: [11, 12]",
        "lying: true",
        "dropouts: 1",
    ],
)
def test_what_is_not_seen_is_no_crossing(module_page: Page, manner: str) -> None:
    told = run(
        module_page,
        "gestures",
        f"{PERSON} return watch([['folded', 3]], {{ aspect: 4 / 3, {manner} }});",
    )
    assert told == []


def test_the_demo_is_practised_without_a_sign_that_pauses_it(module_page: Page) -> None:
    with np.load(TRACK) as track:
        width, height = track["image_size"]
        keypoints = track["keypoints"][::2] / (width, height, 1)
        joints = track["joints"][::15].reshape(-1, 51)
        seen = track["present"][::2]
    rows = [
        points.round(4).tolist() if is_seen else []
        for points, is_seen in zip(keypoints, seen, strict=True)
    ]
    told: Any = run(
        module_page,
        "gestures",
        f"""
        const rows = {json.dumps(rows)};
        const joints = {json.dumps(joints.round(3).tolist())};
        const told = {{ arms_up: 0, arms_crossed: 0 }};
        const gestures = new m.Gestures((name) => (told[name] += 1));
        rows.forEach((row, index) => gestures.hear(row, {width / height}, index * 1000 / 15));
        const crossing = joints.filter((row) => m.armsCross(new Float32Array(row))).length;
        return {{ ...told, crossing }};
        """,
    )
    assert told == {"arms_up": 3, "arms_crossed": 0, "crossing": 0}


def test_an_instructor_who_crosses_the_arms_is_noticed(module_page: Page) -> None:
    told = run(
        module_page,
        "gestures",
        f"""
        {PERSON}
        // H36M-17 of a figure that faces the camera, metres: the student's left is at the right.
        const inSpace = (arms) => {{
          const joints = new Float32Array(51);
          const put = (joint, [left, down]) => {{
            joints[3 * joint] = left * 0.5;
            joints[3 * joint + 1] = (down - 1) * 0.5;
          }};
          put(0, [0, 1]); put(8, [0, 0]); put(11, [.33, 0]); put(14, [-.33, 0]);
          [12, 15, 13, 16].forEach((joint, index) => put(joint, arms[index]));
          return joints;
        }};
        return Object.keys(ARMS).filter((name) => m.armsCross(inSpace(ARMS[name])));
        """,
    )
    assert told == ["before_the_chest", "before_the_belly", "folded", "hugging"]


def test_media_keys_do_what_they_say(module_page: Page) -> None:
    told = run(
        module_page,
        "media_keys",
        """
        const handlers = {};
        const session = { metadata: null, setActionHandler(action, act) {
          if (action === 'nexttrack') throw new TypeError('unknown action');
          handlers[action] = act;
        } };
        const own = Object.getOwnPropertyDescriptor(Navigator.prototype, 'mediaSession');
        Object.defineProperty(navigator, 'mediaSession', { value: session, configurable: true });
        const log = [];
        let running = false;
        const note = (name) => (way) => log.push(`${name} ${way}`);
        const controls = { toggle: () => log.push('toggles'), runs: () => running,
          step: note('step'), jump: note('jump') };
        m.listenToMediaKeys(controls, { title: 'Flow', artwork: '/poster.jpg' });
        for (running of [false, true]) {
          for (const action of ['play', 'pause']) {
            handlers[action]();
            log.push(`${running} ${action}`);
          }
        }
        for (const action of ['seekbackward', 'seekforward', 'previoustrack']) handlers[action]();
        const { title } = session.metadata;
        delete navigator.mediaSession;
        delete Navigator.prototype.mediaSession;
        m.listenToMediaKeys(controls, { title: '', artwork: '' });
        Object.defineProperty(Navigator.prototype, 'mediaSession', own);
        return [title, log];
        """,
    )
    toggles = ["toggles", "false play", "false pause", "true play", "toggles", "true pause"]
    assert told == ["Flow", [*toggles, "step -1", "step 1", "jump -1"]]


SPEECH: Final = """
    const waits = setTimeout;
    window.setTimeout = (act, ms, ...given) => waits(act, ms / 50, ...given);
    let manner;
    const said = [];
    class Utterance extends EventTarget { constructor(text) { super(); this.text = text; } }
    window.SpeechSynthesisUtterance = Utterance;
    Object.defineProperty(window, 'speechSynthesis', { configurable: true, value: {
      cancel() {},
      speak(sentence) {
        said.push(sentence);
        for (const event of manner) queueMicrotask(() => sentence.dispatchEvent(new Event(event)));
      },
    } });
    const chosen = { lang: 'de-DE', localService: true };
    const check = async (events, voice) => {
      manner = events;
      return m.checkSound({ language: 'de', muted: false, chosen, ...voice });
    };
"""


def test_the_sound_is_checked_and_said_to_be_what_it_is(module_page: Page) -> None:
    told = run(
        module_page,
        "sound_check",
        f"""
        {SPEECH}
        try {{
          const outcomes = [await check(['start', 'end']), await check([]),
            await check(['start']), await check(['error']), await check(['start', 'error'])];
          const spoken = said.length;
          outcomes.push(await check([], {{ muted: true }}), await check([], {{ chosen: null }}));
          const kept = window.AudioContext;
          delete window.AudioContext;
          outcomes.push(await check(['start', 'end']));
          window.AudioContext = kept;
          const texts = new Set(outcomes.map(m.outcomeText));
          return [outcomes, spoken, said.length, said[0].voice === chosen, said[0].lang,
            texts.size];
        }} finally {{
          window.setTimeout = waits;
        }}
        """,
    )
    outcomes = ["spoken", "silent", "broken", "silent", "broken", "muted", "no_voice", "spoken"]
    assert told == [outcomes, 5, 6, True, "de-DE", 5]
