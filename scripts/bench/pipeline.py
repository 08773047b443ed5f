"""`coach bench pipeline`: what one student costs, stage by stage and live, beside MediaPipe."""

from typing import Any, Final

import numpy as np

from coach_server.coaching.routine import Routine
from coach_server.inference.engines import Engines
from coach_server.library.demo import STUDENTS, demo_folder
from coach_server.library.store import StoredRoutine
from coach_server.resources import packaged
from coach_server.settings import load_settings
from scripts.bench import live, mediapipe_baseline
from scripts.bench.cpu import machine, spread
from scripts.bench.stages import measure, webcam_packets

FRAMES: Final = 600
WARM_UP: Final = 10
_NAMES: Final = {"decode": "decode, and to RGB", "send": "the pose message"}
_SUMMED: Final = ("decode", "keypoints", "lifter", "coaching", "send")


def run(*, seconds: float, mediapipe: bool) -> dict[str, Any]:
    """All figures. Ours is measured before and after the baseline, so that load shows."""
    settings = load_settings(device="cpu")  # whatever `--gpu` asks for
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
    result["network_cpu_ms"] = round(result["live"]["server_cpu_ms_per_pose"] - whole, 3)
    if mediapipe:
        call = result["mediapipe"]["call_cpu_ms"]["mean"]
        served = result["live"]["server_cpu_ms_per_pose"]
        result["ratio"] = {
            "server_to_mediapipe_call": round(served / call, 3),
            "stages_to_mediapipe_call": round(whole / call, 3),
        }
    return result


def table(result: dict[str, Any]) -> str:
    """The figures as a markdown table."""
    rows = [("one student, CPU ms a frame", "mean / p95")]
    rows += [
        (_NAMES.get(stage, stage), f"{cost['mean']:.2f} / {cost['p95']:.2f}")
        for stage, cost in result["stages_cpu_ms"].items()
    ]
    served = result["live"]["server_cpu_ms_per_pose"]
    rows.append(("network and the rest (live, less the above)", f"{result['network_cpu_ms']:.2f}"))
    rows.append(("**the whole server, live, a pose**", f"**{served:.2f}**"))
    if "mediapipe" in result:
        cost = result["mediapipe"]["call_cpu_ms"]
        rows.append(("MediaPipe's own call", f"{cost['mean']:.2f} / {cost['p95']:.2f}"))
        ratio = result["ratio"]["server_to_mediapipe_call"]
        rows.append(("the whole server / MediaPipe's call", f"{ratio:.2f}"))
    lived = result["live"]
    age = lived["pose_age_ms"]
    sent = f"{lived['camera_fps']:.1f}"
    rows.append((f"poses a second that reach the page, of {sent}", f"{lived['poses_per_s']:.1f}"))
    rows.append(("age of a pose there, ms, p50 / p95", f"{age['p50']:.0f} / {age['p95']:.0f}"))
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join([lines[0], "| --- | --- |", *lines[1:]])
