"""Being seen: the framing guide before bodies and cameras of many kinds, light, and the cameras."""

from typing import Any, Final

import pytest
from browser.test_page_modules import run
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

BODY: Final = """
    // [to one's left, up] in parts of the height; COCO-17.
    const BODY = [[0, .93], [.018, .945], [-.018, .945], [.042, .935], [-.042, .935],
      [.105, .82], [-.105, .82], [.125, .63], [-.125, .63], [.13, .485], [-.13, .485],
      [.055, .53], [-.055, .53], [.06, .285], [-.06, .285], [.06, .045], [-.06, .045]];
    const within = ([x, y]) => x > 0 && x < 1 && y > 0 && y < 1;
    let seed = 7;
    const random = () => (seed = (seed * 1664525 + 1013904223) % 4294967296) / 4294967296;
    /** Metres and radians; `lost`: keypoints out of the picture score low, or are thought up. */
    const look = ({ tall, away, left, camera, pitch, field, aspect }, lost, jitter) => {
      const [c, s, f] = [Math.cos(pitch), Math.sin(pitch), 0.5 / Math.tan(field / 2)];
      const at = ([l, h]) => {
        const up = h * tall - camera;
        const [deep, high] = [away * c + up * s, up * c - away * s];
        return [0.5 + (f * (l * tall + left)) / deep / aspect, 0.5 - (f * high) / deep];
      };
      const [top, bottom] = [at([0, 1]), at([0, 0])];
      const size = bottom[1] - top[1];
      const keypoints = BODY.map(at).map(([x, y]) => {
        const noise = () => (random() - 0.5) * 2 * jitter * size;
        if (within([x, y])) return [x + noise() / aspect, y + noise(), 0.95];
        return lost === 'low' ? [x, y, 0.1] : [x + noise() / aspect, y + noise(), 0.6];
      });
      const found = keypoints.filter(within).length >= 5;
      return { keypoints: found ? keypoints : null, top, bottom, hips: at([0, .53]) };
    };
    const advise = (seen, aspect) => m.framingAdvice({ keypoints: seen.keypoints,
      silence: seen.keypoints ? null : 'no_person', brightness: 0.5, aspect });
"""

FOLLOW: Final = """
    const STEPS = { 'One step back': 1, 'Two steps back': 2, 'Three steps back': 3,
      'A few steps back': 4 };
    const follow = (stand, { code, text }) => {
      const step = 0.4 + 0.3 * random();
      if (code === 'step_back') stand.away += step * STEPS[text];
      else if (code === 'come_closer') stand.away -= step;
      else if (code === 'tilt_up') stand.pitch += 0.1;
      else if (code === 'tilt_down') stand.pitch -= 0.1;
      else if (code === 'move_left') stand.left += step;
      else if (code === 'move_right') stand.left -= step;
      else if (code === 'no_person') [stand.left, stand.away] = [stand.left / 2, stand.away + step];
      else throw new Error(`${code} helps nobody`);
    };
"""


@pytest.mark.parametrize("lost", ["low", "thought up"])
@pytest.mark.parametrize(("aspect", "field"), [(4 / 3, 48), (16 / 9, 40), (9 / 16, 66)])
def test_who_does_as_the_guide_says_is_soon_seen_whole(
    module_page: Page, lost: str, aspect: float, field: float
) -> None:
    told = run(
        module_page,
        "framing",
        f"""
        {BODY} {FOLLOW}
        const aspect = {aspect};
        const failed = [];
        let [stood, advices] = [0, 0];
        for (const tall of [1.1, 1.5, 1.7, 2]) for (const away of [0.8, 1.2, 2, 3, 4.5, 6])
        for (const camera of [0.3, 0.75, 1.1]) for (const pitch of [-0.2, 0, 0.2])
        for (const left of [-0.6, 0, 0.5]) {{
          const stand = {{ tall, away, left, camera, pitch, aspect,
            field: {field} * Math.PI / 180 }};
          const from = {{ ...stand }};
          const codes = [];
          if (!look(stand, {lost!r}, 0).keypoints) continue;
          stood += 1;
          for (; codes.length < 12; advices += 1) {{
            const found = advise(look(stand, {lost!r}, 0.01), aspect);
            if (!found) break;
            codes.push(found.code);
            follow(stand, found);
          }}
          const {{ top, bottom, hips }} = look(stand, {lost!r}, 0);
          const whole = top[1] > -0.01 && bottom[1] < 1.01 && bottom[1] - top[1] > 0.28 &&
            hips[0] > 0.15 && hips[0] < 0.85;
          if (!whole || codes.length === 12) failed.push([from, codes]);
        }}
        return {{ stood, mean: advices / stood, failed: failed.length / stood,
          which: failed.slice(0, 5) }};
        """,
    )
    assert told["stood"] > 300
    assert told["failed"] < 0.02, told["which"]
    assert told["mean"] < 4


@pytest.mark.parametrize(
    ("stand", "code"),
    [
        ({}, None),
        ({"away": 1.0}, "step_back"),
        ({"away": 9.0}, "come_closer"),
        ({"left": 1.4}, "move_right"),
        ({"left": -1.4}, "move_left"),
        ({"away": 3.5, "pitch": 0.25}, "tilt_down"),
        ({"away": 3.5, "pitch": -0.3}, "tilt_up"),
        ({"tall": 1.2, "away": 1.8, "pitch": 0.3}, "tilt_down"),
    ],
)
def test_the_advice_mends_what_is_wrong(
    module_page: Page, stand: dict[str, float], code: str | None
) -> None:
    found = run(
        module_page,
        "framing",
        f"""
        {BODY}
        const stand = {{ tall: 1.7, away: 2.9, left: 0, camera: 0.85, pitch: 0, aspect: 4 / 3,
          field: 0.84, ...{stand} }};
        return ['low', 'thought up'].map((lost) =>
          advise(look(stand, lost, 0), 4 / 3)?.code ?? null);
        """,
    )
    assert found == [code, code]


def test_others_and_darkness_are_told_from_nobody(module_page: Page) -> None:
    told = run(
        module_page,
        "framing",
        f"""
        {BODY}
        const {{ keypoints }} = look({{ tall: 1.7, away: 2.9, left: 0, camera: 0.85, pitch: 0,
          aspect: 4 / 3, field: 0.84 }}, 'low', 0);
        return [
          [null, 'no_person', 0.5], [null, 'no_person', 0.1], [null, null, null],
          [keypoints, 'several_people', 0.5], [keypoints, null, 0.02], [keypoints, null, 0.12],
          [keypoints, 'sides_unsure', 0.5], [keypoints, 'occluded', null], [[], null, 0.5],
        ].map(([keypoints, silence, brightness]) =>
          m.framingAdvice({{ keypoints, silence, brightness, aspect: 4 / 3 }})?.code ?? null);
        """,
    )
    nobody, dark, other = "no_person", "more_light", "somebody_else"
    seen = [dark, dark, "face_camera", None]
    assert told == [nobody, dark, nobody, other, *seen, nobody]


def test_advice_does_not_flicker_and_counts_the_steps_that_are_left(module_page: Page) -> None:
    told = run(
        module_page,
        "framing",
        f"""
        {BODY}
        const stand = {{ tall: 1.7, away: 1.5, left: 0, camera: 0.85, pitch: 0, aspect: 4 / 3,
          field: 0.84 }};
        const guide = new m.FramingGuide();
        const lines = [];
        const hear = (now, away, silence = null) => {{
          const {{ keypoints }} = look({{ ...stand, away }}, 'low', 0);
          const seen = {{ keypoints, silence, brightness: 0.5, aspect: 4 / 3 }};
          const text = guide.hear(seen, now)?.text ?? '';
          if (text !== lines.at(-1)?.[1]) lines.push([now, text]);
        }};
        const flicker = (now) => (now % 200 ? 'several_people' : null);
        for (let now = 0; now < 3000; now += 100) hear(now, 1.5, flicker(now));
        for (let now = 3000; now < 6000; now += 100) hear(now, 1.5);
        for (let now = 6000; now < 9000; now += 100) hear(now, 2);
        for (let now = 9000; now < 12000; now += 100) hear(now, 2.9);
        return lines;
        """,
    )
    assert [text for _, text in told] == ["", "Two steps back", "One step back", ""]
    times = [now for now, _ in told]
    assert times[0] == 0
    assert 3400 <= times[1] <= 3600
    assert 6400 <= times[2] <= 6700
    assert 9400 <= times[3] <= 9600


def test_brightness_is_the_middle_pixel_and_is_looked_at_once_a_second(module_page: Page) -> None:
    told = run(
        module_page,
        "light",
        """
        const picture = document.createElement('canvas');
        [picture.width, picture.height] = [64, 48];
        const context = picture.getContext('2d');
        const paint = (fill, share) => {
          context.fillStyle = fill;
          context.fillRect(0, 0, 64, 48 * share);
        };
        const meter = new m.LightMeter();
        paint('#000', 1);
        const levels = [meter.look(picture, 0)];
        paint('#808080', 1);
        levels.push(meter.look(picture, 900), meter.look(picture, 1100));
        paint('#fff', 0.4);
        levels.push(meter.look(picture, 2200));
        return levels.map((level) => Math.round(level * 100));
        """,
    )
    assert told == [0, 0, 50, 50]


CAMERAS: Final = """
    document.body.innerHTML =
      '<p id="offer-camera" hidden><select id="choice-camera"></select></p>';
    localStorage.clear();
    let devices = [];
    const media = new EventTarget();
    media.enumerateDevices = async () => devices;
    Object.defineProperty(navigator, 'mediaDevices', { value: media, configurable: true });
    const camera = (deviceId, label) => ({ kind: 'videoinput', deviceId, label });
    const [offer, select] = ['offer-camera', 'choice-camera'].map((id) =>
      document.getElementById(id));
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
    const choose = (id) => {
      select.value = id;
      select.dispatchEvent(new Event('change'));
    };
    const names = () => [...select.options].map(({ text }) => text);
"""


def test_a_camera_is_chosen_where_there_are_several_and_remembered(module_page: Page) -> None:
    told = run(
        module_page,
        "cameras",
        f"""
        {CAMERAS}
        devices = [camera('a', 'Built in'), {{ kind: 'audioinput', deviceId: 'x', label: 'Mic' }}];
        let open = 'a';
        const log = [];
        await m.offerCameras(() => open, async (id) => {{
          log.push(`open ${{id}}`);
          await settle();
          open = id === 'broken' ? 'a' : id;
          log.push(`opened ${{open}}`);
        }});
        const states = [[offer.hidden, names(), select.value, m.preferredCamera()]];
        devices.push(camera('b', ''), camera('broken', 'Other'));
        media.dispatchEvent(new Event('devicechange'));
        await settle();
        states.push([offer.hidden, names(), select.value, m.preferredCamera()]);
        choose('b');
        choose('broken');
        await settle(); await settle(); await settle();
        return [...states, [select.value, m.preferredCamera()], log];
        """,
    )
    assert told == [
        [True, ["Built in"], "a", None],
        [False, ["Built in", "Camera 2", "Other"], "a", None],
        ["a", "a"],
        ["open b", "opened b", "open broken", "opened a"],
    ]


def test_a_browser_that_tells_no_cameras_offers_none(module_page: Page) -> None:
    told = run(
        module_page,
        "cameras",
        f"""
        {CAMERAS}
        devices = [camera('', ''), camera('', '')];
        await m.offerCameras(() => '', async () => {{}});
        const unnamed = [offer.hidden, names()];
        media.enumerateDevices = async () => {{ throw new DOMException('no', 'NotAllowedError'); }};
        await m.offerCameras(() => '', async () => {{}});
        return [unnamed, [offer.hidden, names()]];
        """,
    )
    assert told == [[True, []], [True, []]]


@pytest.mark.parametrize(
    ("device", "faults", "outcome"),
    [
        (None, [], ["user:"]),
        ("b", [], [":b"]),
        ("b", ["NotReadableError"], [":b", "user:"]),
        ("b", ["NotReadableError", "NotReadableError"], [":b", "user:", "busy"]),
        ("b", ["NotAllowedError"], [":b", "denied"]),
        (None, ["NotReadableError"], ["user:", "busy"]),
        (None, ["NotFoundError"], ["user:", "absent"]),
        (None, ["TypeError"], ["user:", "insecure"]),
        (None, ["never"], ["user:", "unanswered"]),
    ],
)
def test_the_camera_chosen_is_asked_for_and_another_taken_where_it_is_in_use(
    module_page: Page, device: str | None, faults: list[str], outcome: list[Any]
) -> None:
    told = run(
        module_page,
        "camera",
        f"""
        const faults = {faults};
        const log = [];
        Object.defineProperty(navigator, 'mediaDevices', {{ configurable: true, value: {{
          async getUserMedia({{ audio, video }}) {{
            log.push(`${{video.facingMode ?? ''}}:${{video.deviceId?.ideal ?? ''}}`);
            if (audio) log.push('microphone');
            const name = faults.shift();
            if (name === 'never') await new Promise(() => {{}});
            if (name) throw new DOMException('', name);
            return new MediaStream();
          }},
        }} }});
        const device = {f"'{device}'" if device else "null"};
        await m.openCamera(device, 50).catch(({{ fault }}) => log.push(fault));
        return log;
        """,
    )
    assert told == outcome
