"""A practice of the demo routine as the server reports it, and those before it."""

import math
from functools import cache
from typing import Any, Final

import numpy as np

from coach_server.library.demo import DEMO_ID, demo_folder

SESSION: Final = "practised"
BEGAN_T, ROW_S, LAG_S = 4.0, 0.5, 0.8
ROWS_PER_SECOND: Final = 15

POSES: Final = (
    ("Mountain pose", 0.0, 3.0),
    ("Upward salute", 5.0, 9.5),
    ("Five-pointed star", 11.5, 18.0),
    ("Goddess pose", 20.0, 25.8),
    ("Warrior II, left", 28.0, 32.8),
    ("Standing side bend, left", 35.0, 41.0),
    ("Tree pose, left foot raised", 43.0, 47.7),
    ("Chair pose", 74.0, 79.9),
)
"""Names, and where they lie in the routine; the last but one is not reached."""

MISSED: Final = 7
OFF: Final = {
    4: ("left_knee", "left knee bent 27° too little", "Bend your left knee more", 27.0),
    5: ("right_shoulder", "right arm 31° too low", "Raise your right arm higher", 31.0),
    6: ("trunk", "trunk 19° too far to the left", "Lean less to the side", 19.0),
}
"""What is off in a pose, by its number."""

JOINTS: Final = (
    *("left_elbow", "right_elbow", "left_knee", "right_knee", "left_hip", "right_hip"),
    *("left_shoulder", "right_shoulder", "trunk", "neck"),
)
NEVER_JUDGED: Final = "neck"


def at(routine_t: float) -> float:
    """The student's second at which the film was there."""
    return BEGAN_T + routine_t + LAG_S


def report() -> dict[str, Any]:
    """Of a practice with three corrections, two of them mended, and one pose not reached."""
    rows = np.arange(BEGAN_T, at(80.0), ROW_S)
    joints = {name: [_excess(name, float(t)) for t in rows] for name in JOINTS}
    worst = [_greatest(row) for row in zip(*joints.values(), strict=True)]
    return {
        "session": SESSION,
        "routine": DEMO_ID,
        "live": False,
        "began_at": "2026-03-14T12:20:00+00:00",
        "title": "Demo: standing poses",
        "verdict": "judged",
        "score": 78,
        "time": {
            "began_t": BEGAN_T,
            "film_s": 80.0,
            "judged_s": 41.0,
            "judged_share": 0.513,
            "stood_s": 0.0,
            "silent_s": {"moving": 30.0, "not_following": 6.0, "occluded": 3.0},
        },
        "holds": {"passed": 8, "reached": 7},
        "lag": {"median_s": LAG_S, "quartiles_s": [0.5, 1.1]},
        "sequences": [_sequence(number) for number in range(1, len(POSES) + 1)],
        "sequences_dropped": 0,
        "symmetry": [
            _balance("knees", 6.2, 0.4, real=True),
            _balance("arms, up and down", 1.0, 3.1, real=False),
            _balance("elbows", 0.0, 0.1, real=False),
        ],
        "best": 2,
        "worst": 5,
        "corrections": [],
        "cues": _cues(),
        "timeline": {
            "row_s": ROW_S,
            "t": [round(float(t), 2) for t in rows],
            "excess": worst,
            "angle": [None if each is None else 2 for each in worst],
            "deviation_deg": [None if each is None else round(15 * each, 1) for each in worst],
            "lag_s": [LAG_S for _ in worst],
            "joints": joints,
        },
        "moments": [_moment(number) for number in (5, 4, 6)],
        "next": [
            {
                "kind": "correction",
                "text": "Raise your right arm higher",
                "why": "Said once in “Warrior II, left”, not mended yet; off by 31°.",
            },
            {
                "kind": "pose",
                "text": "Come into “Tree pose, left foot raised” and keep still there",
                "why": "The coach judges a pose when you hold it for a second or more.",
            },
        ],
    }


def older_report() -> dict[str, Any]:
    """As it was kept before there were scores, moments and joints."""
    old = report()
    del old["score"], old["moments"]
    del old["timeline"]["joints"]
    return old


def unjudged_report() -> dict[str, Any]:
    """Of a practice of which hardly anything was seen."""
    step = {
        "kind": "view",
        "text": "Step back until your whole body is in the picture",
        "why": "For 70 s of the practice: not wholly in the picture.",
    }
    time = {"began_t": BEGAN_T, "film_s": 80.0, "judged_s": 2.0, "judged_share": 0.025}
    return {
        **report(),
        "verdict": "too_little",
        "score": None,
        "time": {**time, "stood_s": 0.0, "silent_s": {"out_of_frame": 70.0, "moving": 8.0}},
        "holds": {"passed": 8, "reached": 0},
        "lag": None,
        "sequences": [],
        "symmetry": [],
        "best": None,
        "worst": None,
        "cues": [],
        "timeline": {"row_s": ROW_S, "t": [], "excess": [], "joints": {}},
        "moments": [],
        "next": [step],
    }


def sessions() -> list[dict[str, Any]]:
    """Practices of two routines, newest first; one without a score."""
    scores = (78, 71, None, 74, 62, 55)
    days = (14, 12, 11, 8, 3, 1)
    demo = [
        _practice(SESSION if day == days[0] else f"day-{day}", day, score)
        for day, score in zip(days, scores, strict=True)
    ]
    other = _practice("evening", 13, 88)
    return [demo[0], {**other, "routine": "evening", "title": "Evening stretch"}, *demo[1:]]


@cache
def figures() -> bytes:
    """The demo's instructor as the server sends figures: millimetres, fifteen rows a second."""
    with np.load(demo_folder() / "track.npz") as track:
        times, joints = track["time_s"], track["joints"]
    wanted = np.arange(0.0, times[-1], 1 / ROWS_PER_SECOND)
    rows = joints[np.searchsorted(times, wanted)]
    millimetres: bytes = np.nan_to_num(rows * 1000, nan=-32768).round().astype("<i2").tobytes()
    return millimetres


def _excess(joint: str, t: float) -> float | None:
    number = next((n for n, (_, start, end) in enumerate(POSES, 1) if at(start) <= t < at(end)), 0)
    if number in {0, MISSED} or joint == NEVER_JUDGED:
        return None
    calm = 0.35 + 0.25 * math.sin(t + len(joint))
    if number in OFF and OFF[number][0] == joint:
        return round(calm + 1.5 * math.sin(math.pi * (t - at(POSES[number - 1][1])) / 6), 2)
    return round(calm, 2)


def _greatest(values: tuple[float | None, ...]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _sequence(number: int) -> dict[str, Any]:
    pose, start, end = POSES[number - 1]
    is_reached = number != MISSED
    off = OFF.get(number)
    return {
        "number": number,
        "pose": pose,
        "hold": number - 1,
        "visit": 1,
        "t": at(start),
        "end_t": at(end),
        "routine_t": start,
        "judged_s": end - start if is_reached else 0.0,
        "reached": is_reached,
        "within_share": (0.45 if off else 0.97) if is_reached else None,
        "mean_excess": (1.4 if off else 0.5) if is_reached else None,
        "worst": _worst(off) if is_reached else None,
        "cues": {"raised": int(off is not None), "mended": int(number in {4, 6})},
        "lag_s": LAG_S if is_reached else None,
    }


def _worst(off: tuple[str, str, str, float] | None) -> dict[str, Any]:
    told, degrees = (off[1], off[3]) if off else ("left elbow bent 6° too much", 6.0)
    return {
        "angle": "left_knee_flexion",
        "name": "left knee",
        "deviation_deg": -degrees,
        "band_deg": 15.0,
        "text": told,
    }


def _cues() -> list[dict[str, Any]]:
    events = []
    for number, (joint, _, text, degrees) in OFF.items():
        side, _, part = joint.rpartition("_")
        start = POSES[number - 1][1] + 1.5
        raised = {
            "id": number,
            "t": at(start),
            "routine_t": start,
            "joint": part,
            "side": side or "center",
            "direction": "bend",
            "deviation_deg": -degrees,
            "text": text,
            "state": "raised",
            "spoken": True,
        }
        events.append(raised)
        if number != max(OFF, key=lambda each: OFF[each][3]):
            fixed = {"t": at(start + 3), "routine_t": start + 3, "state": "fixed"}
            events.append({**raised, **fixed, "text": "Good, that's it."})
    return events


def _moment(number: int) -> dict[str, Any]:
    joint, told, _, degrees = OFF[number]
    pose, start, _ = POSES[number - 1]
    routine_t = start + 3.0
    return {
        "t": at(routine_t),
        "routine_t": routine_t,
        "sequence": number,
        "pose": pose,
        "angle": "left_knee_flexion",
        "name": "left knee",
        "text": told,
        "deviation_deg": -degrees,
        "band_deg": 15.0,
        "joints_names": [joint],
        "mirrored": False,
        "joints": _student(routine_t),
    }


def _student(routine_t: float) -> list[list[float]]:
    """The instructor a moment earlier, who is not yet where they should be."""
    row = int((routine_t - 4.0) * ROWS_PER_SECOND)
    rows = np.frombuffer(figures(), "<i2").reshape(-1, 17, 3)
    joints: list[list[float]] = (rows[row] / 1000).round(3).tolist()
    return joints


def _balance(joints: str, left: float, right: float, *, real: bool) -> dict[str, Any]:
    return {
        "joints": joints,
        "left_deg": left,
        "right_deg": right,
        "left_minus_right_deg": round(left - right, 1),
        "poses": 7,
        "real": real,
    }


def _practice(session: str, day: int, score: int | None) -> dict[str, Any]:
    return {
        "session": session,
        "routine": DEMO_ID,
        "title": "Demo: standing poses",
        "began_at": f"2026-03-{day:02}T12:20:00+00:00",
        "film_s": 80.0,
        "score": score,
        "passed": 8,
        "reached": 0 if score is None else 7,
        "raised": 3,
        "mended": 2,
    }
