"""`coach bench pipeline`: what one student costs, stage by stage and live, beside MediaPipe."""

from typing import Any, Final

import numpy as np

from coach_server.coaching.routine import Routine
from coach_server.inference.engines import Engines
from coach_server.library.demo import STUDENTS, demo_folder
from coach_server.library.store import StoredRoutine
from coach_server.resources import packaged
from coach_server.settings import Settings
from scripts.bench import live, mediapipe_baseline
from scripts.bench.cpu import machine, spread
from scripts.bench.stages import measure, webcam_packets

FRAMES: Final = 600
WARM_UP: Final = 10
_SUMMED: Final = ("decode", "keypoints", "lifter", "coaching", "send")


def run(*, seconds: float, mediapipe: bool) -> dict[str, Any]:
    """All figures. Ours is measured before and after the baseline, so that load shows."""
    settings = Settings()
    film = packaged("static") / "demo" / f"student_{STUDENTS[0]}.mp4"
    engines = Engines.load(
        settings.cache, keypoints=settings.keypoints, lifter=settings.lifter, device="cpu"
    )
    routine: Routine = StoredRoutine(demo_folder()).load()
    packets = webcam_packets(film, FRAMES)
    result: dict[str, Any] = {"machine": machine(), "engines": engines.describe()}

    first, pictures = measure(packets, routine, engines)
    height, width, _ = pictures[0].shape
    result["film"] = {"frames": len(pictures), "width": width, "height": height}
    if mediapipe:
        theirs = mediapipe_baseline.measure(pictures, settings.cache)
        result["mediapipe"] = {
            "version": mediapipe_baseline.VERSION,
            "call_cpu_ms": spread(theirs["cpu_ms"]),
            "found": theirs["found"],
        }
    second, _ = measure(packets, routine, engines)
    for stages in (first, second):
        for samples in stages.samples.values():
            del samples[:WARM_UP]
    for stage, samples in second.samples.items():
        first.samples[stage].extend(samples)
    result["stages_cpu_ms"] = first.summary()
    whole = sum(float(np.mean(first.samples[stage])) for stage in _SUMMED)
    result["coach_cpu_ms"] = round(whole, 3)
    result["live"] = live.measure(film, seconds)
    if mediapipe:
        call = result["mediapipe"]["call_cpu_ms"]["mean"]
        result["ratio"] = {
            "coach_to_mediapipe_call": round(whole / call, 3),
            "server_to_mediapipe_call": round(result["live"]["server_cpu_ms_per_pose"] / call, 3),
        }
    return result


def table(result: dict[str, Any]) -> str:
    """The figures as a markdown table."""
    rows = [("stage", "CPU ms a frame, mean / p95")]
    rows += [
        (stage, f"{cost['mean']:.2f} / {cost['p95']:.2f}")
        for stage, cost in result["stages_cpu_ms"].items()
    ]
    rows.append(("the whole coach", f"{result['coach_cpu_ms']:.2f}"))
    if "mediapipe" in result:
        cost = result["mediapipe"]["call_cpu_ms"]
        rows.append(("MediaPipe's own call", f"{cost['mean']:.2f} / {cost['p95']:.2f}"))
        rows.append(("coach / MediaPipe", f"{result['ratio']['coach_to_mediapipe_call']:.2f}"))
    lived = result["live"]
    rows.append(("server process, live, a pose", f"{lived['server_cpu_ms_per_pose']:.2f}"))
    rows.append(("poses a second that reach the page", f"{lived['poses_per_s']:.1f}"))
    age = lived["pose_age_ms"]
    rows.append(("age of a pose in the page, p50 / p95 ms", f"{age['p50']:.0f} / {age['p95']:.0f}"))
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join([lines[0], "| --- | --- |", *lines[1:]])
