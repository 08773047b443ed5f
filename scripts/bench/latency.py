"""`coach bench latency`: from a frame's capture in a browser to its pose in the page, by stage."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InputError, InternalError
from coach_server.library.demo import STUDENTS
from coach_server.resources import packaged
from scripts.bench.cpu import machine
from scripts.bench.latency_echo import PATCHED, STOCK
from scripts.bench.latency_stages import STAGES, journeys, summary
from scripts.bench.numbered_camera import FPS, write_numbered_film

ENGINES: Final = ("blazepose-lite", "blazepose-full")
FILM_S: Final = 30.0
"""Of the film in front of the camera, which is looped: raw video takes 14 MB a second."""

_NAMES: Final = {
    STOCK: "aiortc as it is, no coach",
    PATCHED: "our receiver, no coach",
}


def run(
    *, seconds: float, engines: tuple[str, ...], baselines: bool, codec: str | None = None
) -> dict[str, Any]:
    """All figures: the two ways without a coach, then the coach with each of the engines."""
    film = packaged("static") / "demo" / f"student_{STUDENTS[0]}.mp4"
    result: dict[str, Any] = {"machine": machine(), "seconds": seconds, "runs": {}}
    with tempfile.TemporaryDirectory(prefix="coach-latency-") as folder:
        camera = Path(folder) / "camera.y4m"
        frames = write_numbered_film(film, camera, round(FILM_S * FPS))
        result["film"] = {"frames": frames, "fps": FPS}
        kinds = (STOCK, PATCHED) if baselines else ()
        for name in (*kinds, *engines):
            _tell(name)
            result["runs"][name] = _measured(name, camera, Path(folder), seconds, codec)
    runs = result["runs"]
    if baselines:
        stock, patched = (runs[kind]["total_ms"] for kind in kinds)
        result["ratio"] = {
            "patched_to_stock_p50": round(patched["p50"] / stock["p50"], 3),
            "patched_to_stock_p95": round(patched["p95"] / stock["p95"], 3),
        }
    return result


def _measured(
    name: str, camera: Path, folder: Path, seconds: float, codec: str | None
) -> dict[str, Any]:
    """One server, one page."""
    try:
        from scripts.pages.numbered_page import ROOT, ServerProcess, practise
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed: a browser is driven with it.",
            hint="Run ./coach test once, which installs it.",
        ) from error
    noted = folder / f"{name}.json"
    if name in _NAMES:
        command = ["-m", "scripts.bench.latency_echo", name, str(noted)]
    else:
        command = ["-m", "scripts.bench.traced_server", str(noted), "serve", "--port", "0"]
        command += ["--keypoints", name, "--device", "cpu"]
    environment = {**os.environ, "COACH_DATA": str(folder / f"{name}-data")}
    environment["PYTHONPATH"] = str(ROOT)
    environment["COACH_MAX_LOAD"] = "0"  # no page is asked for less, whatever else runs here
    environment["COACH_SKIP_STILL"] = "false"  # of each frame the keypoints are to be timed
    with ServerProcess(command, environment) as server:
        seen = practise(server.address, camera, seconds=seconds, codec=codec)
    if not noted.exists():
        raise InternalError(f"the server of {name} did not write what it noted")
    samples = json.loads(noted.read_text("utf-8"))
    made = journeys(seen.frames, seen.poses, samples, seen.clock_ms)
    if not made:
        raise InternalError(f"no pose of {name} could be held against its frame")
    return {
        **summary(made, seen.seconds),
        "frames_per_s": round(len(seen.frames) / seen.seconds, 2),
        "poses_arrived": len(seen.poses),
        "frames_unread": seen.unread,
        "others_cores": round(seen.others, 2),
        "clock_error_ms": round(seen.clock_error_ms, 2),
        "sender": seen.sender,
    }


def _tell(name: str) -> None:
    sys.stderr.write(f"measuring: {_NAMES.get(name, name)}\n")
    sys.stderr.flush()


def table(result: dict[str, Any]) -> str:
    """The figures as a markdown table."""
    runs: dict[str, Any] = result["runs"]
    rows = [
        ["capture to pose in the page, ms, p50 / p95", *(_NAMES.get(name, name) for name in runs)],
        ["---"] * (len(runs) + 1),
        ["**the whole**", *(f"**{_spread(run['total_ms'])}**" for run in runs.values())],
        [
            "of it ours besides keypoints",
            *(_spread(run.get("ours_besides_keypoints_ms")) for run in runs.values()),
        ],
    ]
    rows += [
        [text, *(_spread(run["stages_ms"].get(name)) for run in runs.values())]
        for name, text in STAGES.items()
    ]
    rows += [
        ["poses a second", *(f"{run['poses_per_s']:.1f}" for run in runs.values())],
        ["poses drawn on their own frame", *(_matched(run) for run in runs.values())],
        [
            "codec, and the browser's encoder, ms a frame",
            *(_sender(run["sender"]) for run in runs.values()),
        ],
        [
            f"cores that other programs used, of {result['machine']['cores']}",
            *(f"{run['others_cores']:.2f}" for run in runs.values()),
        ],
    ]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    if "ratio" in result:
        ratio = result["ratio"]
        told = (
            f"Our receiver to aiortc as it is: {ratio['patched_to_stock_p50']:.2f} times as long "
            f"(p50), {ratio['patched_to_stock_p95']:.2f} times (p95)."
        )
        lines += ["", told]
    return "\n".join(lines)


def _spread(values: dict[str, float] | None) -> str:
    return f"{values['p50']:.1f} / {values['p95']:.1f}" if values else "-"


def _sender(sender: dict[str, Any]) -> str:
    return f"{str(sender['codec']).removeprefix('video/')}, {sender['encode_ms']:.1f}"


def _matched(run: dict[str, Any]) -> str:
    frames = run.get("frames")
    if not frames:
        return "-"
    return f"{frames['on_their_own']} of {frames['compared']} ({frames['within_one']} within one)"
