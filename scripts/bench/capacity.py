"""`coach bench capacity`: how many students a core serves, one worker and two, and far too many."""

import time
from typing import Any, Final

from coach_server.settings import Settings, load_settings
from scripts.bench import capacity_baselines
from scripts.bench.capacity_overload import overload, shedding
from scripts.bench.capacity_server import coach
from scripts.bench.capacity_steps import climb, say, two_to_one
from scripts.bench.capacity_table import table
from scripts.bench.cpu import machine
from scripts.load.films import Films
from scripts.load.remote import crowd

FULL: Final = "blazepose-full"
LITE: Final = "blazepose-lite"
WORKERS: Final = (1, 2)
THREE: Final = 3
"""Overload: so many times what fits."""

__all__ = ["run", "table"]


def run(
    *,
    seconds: float,
    overload_s: float,
    mediapipe: bool,
    quick: bool,
) -> dict[str, Any]:
    """All figures.

    Args:
        seconds: of each step.
        overload_s: of the overload, once with nobody refused and once as it is delivered.
        mediapipe: whether MediaPipe's own call is measured too.
        quick: few steps: whether it runs, not how good it is.
    """
    began_s = time.monotonic()
    cache = load_settings().cache
    Films(cache).at(30)  # encoded once, before anything is measured
    if not quick:
        Films(cache).at(15)
    result: dict[str, Any] = {"machine": machine(), "quick": quick, "climbs": []}
    if mediapipe:
        result["mediapipe"] = capacity_baselines.mediapipe(cache, 100 if quick else 300)
    most = 2 if quick else 48
    workers = WORKERS if "workers" in Settings.model_fields else WORKERS[:1]
    for keypoints in (FULL, LITE):
        for fps in (30,) if quick else (30, 15):
            result["climbs"] += [
                climb(keypoints, fps, number, seconds=seconds, most=most)
                for number in (workers if keypoints == FULL or not quick else workers[:1])
            ]
    result["each_frame_read"] = [
        climb(keypoints, 30, 1, seconds=seconds, most=1 if quick else 2, skip_still=False)
        for keypoints in ((FULL,) if quick else (FULL, LITE))
    ]
    result["two_to_one"] = _two_to_one(result["climbs"])
    result["joins"] = _joins(5 if quick else 25)
    result["ingest"] = capacity_baselines.ingests(4 if quick else 10)
    fits = _find(result["climbs"], FULL, 30, workers[-1])["students_in_time"]
    students = THREE * max(1, fits)
    result["overload"] = overload(FULL, 30, workers[-1], students, overload_s)
    result["shedding"] = shedding(FULL, 30, workers[-1], students, overload_s)
    if mediapipe:
        call_ms = result["mediapipe"]["call_cpu_ms"]["mean"]
        result["ratio"] = _ratios(result["climbs"], call_ms)
        result["ratio_each_frame_read"] = _ratios(result["each_frame_read"], call_ms)
    result["machine_after"] = machine()
    result["took_s"] = round(time.monotonic() - began_s)
    return result


def _joins(times: int) -> dict[str, Any]:
    """How students join a server that has nothing else to do, the first among them."""
    with coach(keypoints=FULL, workers=1, max_load=0) as (address, _), crowd(address, 30) as one:
        told = one.come_and_go(times)
    say(f"joining, offer to first pose: {told['join_first_pose_ms']} ms")
    return told


def _find(climbs: list[dict[str, Any]], keypoints: str, fps: int, workers: int) -> dict[str, Any]:
    wanted = (keypoints, fps, workers)
    return next(c for c in climbs if (c["keypoints"], c["fps"], c["workers"]) == wanted)


def _two_to_one(climbs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told = []
    for two in (each for each in climbs if each["workers"] == WORKERS[-1]):
        one = _find(climbs, two["keypoints"], two["fps"], 1)
        if (ratio := two_to_one(one, two)) is not None:
            told.append({"keypoints": two["keypoints"], "fps": two["fps"], **ratio})
    return told


def _ratios(climbs: list[dict[str, Any]], call_ms: float) -> dict[str, float]:
    """CPU of the whole coach a pose, one student, over that of MediaPipe's call a frame."""
    return {
        one["keypoints"]: round(one["steps"][0]["server_cpu_ms_per_pose"] / call_ms, 3)
        for one in climbs
        if (one["fps"], one["workers"]) == (30, 1)
    }
