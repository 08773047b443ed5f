"""`coach bench`: measured figures, with the baselines beside them in the same run."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal

import typer

from coach_server.errors import InputError
from coach_server.files import check_writable, write_result

JsonFile = Annotated[Path | None, typer.Option("--json", help="write the figures there as well")]
WithMediaPipe = Annotated[
    bool, typer.Option(help="measure MediaPipe's own call too (1 GB, fetched once)")
]

app = typer.Typer(help="Measure, with the baselines in the same run.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure, with the baselines in the same run."""


@app.command("pipeline")
def pipeline(
    json_file: JsonFile = None,
    seconds: Annotated[float, typer.Option(min=2, help="of the live part")] = 20.0,
    mediapipe: WithMediaPipe = True,
) -> None:
    """What one student costs: by stage, live, and beside MediaPipe's own call."""
    _report("pipeline", json_file, seconds=seconds, mediapipe=mediapipe)


@app.command("latency")
def latency(
    json_file: JsonFile = None,
    seconds: Annotated[float, typer.Option(min=2, help="of each part")] = 20.0,
    keypoints: Annotated[
        list[str] | None,
        typer.Option("--keypoints", help="engines; blazepose-lite and blazepose-full"),
    ] = None,
    baselines: Annotated[
        bool, typer.Option(help="measure aiortc as it is, and our receiver without a coach, too")
    ] = True,
    codec: Annotated[
        Literal["vp8", "h264"] | None, typer.Option(help="that the browser is to prefer")
    ] = None,
) -> None:
    """From a frame's capture in Chromium to its pose in the page, by stage."""
    engines = tuple(keypoints or ("blazepose-lite", "blazepose-full"))
    asked = {"seconds": seconds, "engines": engines, "baselines": baselines, "codec": codec}
    _report("latency", json_file, **asked)


@app.command("lifter")
def lifter(
    json_file: JsonFile = None,
    name: Annotated[
        str | None, typer.Option("--lifter", help="another than the default; see `engines list`")
    ] = None,
) -> None:
    """How near a lifter is to the truth, from every side, and what it costs."""
    _report("lifter", json_file, lifter=name)


@app.command("cues")
def cues(
    json_file: JsonFile = None,
    tiers: Annotated[
        list[str] | None,
        typer.Option("--tier", help="T0 exact joints, T1 the lifter's errors, T2 films; all"),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="one routine: whether it runs, not how good it is")
    ] = False,
    rows: Annotated[
        bool, typer.Option(help="run the rows of robustness and the controls too")
    ] = True,
    rivals: Annotated[bool, typer.Option(help="run other ways to compare too")] = True,
    split: Annotated[str, typer.Option(help="the set that is filmed: dev or val")] = "val",
) -> None:
    """How often the coach is right, and what other ways to compare would say."""
    _report(
        "cues",
        json_file,
        tiers=tiers or None,
        quick=quick,
        rows=rows,
        rivals=rivals,
        split=split,
    )


@app.command("capacity")
def capacity(
    json_file: JsonFile = None,
    seconds: Annotated[float, typer.Option(min=2, help="of each step")] = 6.0,
    overload_minutes: Annotated[
        float, typer.Option(min=0.1, help="of three times the load that fits")
    ] = 1.0,
    mediapipe: WithMediaPipe = True,
    quick: Annotated[
        bool, typer.Option("--quick", help="few steps: whether it runs, not how good it is")
    ] = False,
) -> None:
    """How many students a core serves, with one worker and two, and under far too many."""
    _report(
        "capacity",
        json_file,
        seconds=3.0 if quick else seconds,
        overload_s=15.0 if quick else 60 * overload_minutes,
        mediapipe=mediapipe,
        quick=quick,
    )


def _report(name: str, json_file: Path | None, **asked: object) -> None:
    """Run a benchmark, and write its figures."""
    if json_file:
        check_writable(json_file)
    module = _benchmark(name)
    result: dict[str, Any] = module.run(**asked)
    if json_file:
        write_result(json_file, (json.dumps(result, indent=2) + "\n").encode())
    typer.echo(module.table(result))


def _benchmark(name: str) -> ModuleType:
    """A module of scripts/, which is not installed with the package."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "scripts" / "bench").is_dir():
        raise InputError(
            "The benchmarks are not part of an installed package.",
            hint="Run ./coach bench in a clone of the repository.",
        )
    sys.path.insert(0, str(root))
    return importlib.import_module(f"scripts.bench.{name}")
