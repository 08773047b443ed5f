"""`coach compare`: a student's film against an instructor's, or against a routine."""

from pathlib import Path
from typing import Annotated

import typer

from coach_server.cli.console import columns, stderr, work_bar
from coach_server.cli.options import AsJson, Keypoints, Lifter, load_engines
from coach_server.coaching.comparing.warping import Alignment
from coach_server.coaching.routine import Mirror
from coach_server.errors import InputError
from coach_server.inference.batching.gathering import Counts
from coach_server.inference.engines import Engines
from coach_server.inference.protocols import KeypointDetector
from coach_server.inference.protocols import Lifter as LifterEngine
from coach_server.library.comparisons import compare_films
from coach_server.library.comparisons.store import FILES, ComparisonMeta
from coach_server.library.demo import install_demo
from coach_server.library.folders import Folders
from coach_server.library.store import RoutineLibrary, StoredRoutine
from coach_server.settings import load_settings
from coach_server.video.limits import FilmLimits


def compare(
    instructor: Annotated[
        str,
        typer.Argument(show_default=False, help="a film, a routine's id, or a track (.npz)"),
    ],
    student: Annotated[Path, typer.Argument(show_default=False, help="a film, or a track (.npz)")],
    out: Annotated[Path, typer.Option(help="the folder for the files; made where it is missing")],
    mirror: Annotated[
        Mirror, typer.Option(help="how sides go with the instructor's")
    ] = Mirror.SAME,
    align: Annotated[
        Alignment, typer.Option(help="what is compared: the same moment, or the same frame")
    ] = Alignment.WARPED,
    title: Annotated[str | None, typer.Option(help="what people will call it")] = None,
    as_json: AsJson = False,
    keypoints: Keypoints = None,
    lifter: Lifter = None,
) -> None:
    """Compare two films: overlay.mp4, report.json and errors.csv in a folder."""
    reference = _instructor(instructor)
    _make(out)
    with work_bar() as progress:
        meta = compare_films(
            reference,
            student,
            _LazyEngines(keypoints, lifter),
            out,
            title=title,
            mirror=mirror,
            alignment=align,
            limits=FilmLimits.of(load_settings()),
            progress=progress,
        )
    if as_json:
        typer.echo((out / "report.json").read_text("utf-8").rstrip())
        return
    typer.echo(_table(meta))
    stderr.print(f"{', '.join(FILES)} -> {out}", markup=False)


class _LazyEngines:
    """Engines that are loaded when somebody first asks: two tracks need none."""

    def __init__(self, keypoints: str | None, lifter: str | None) -> None:
        self._names = keypoints, lifter
        self._loaded: Engines | None = None

    def _engines(self) -> Engines:
        self._loaded = self._loaded or load_engines(*self._names)
        return self._loaded

    def new_detector(self) -> KeypointDetector:
        return self._engines().new_detector()

    def new_lifter(self) -> LifterEngine:
        return self._engines().new_lifter()

    def fingerprints(self) -> dict[str, str]:
        return self._engines().fingerprints()

    def describe(self) -> dict[str, str]:
        return self._engines().describe()

    def counts(self) -> dict[str, Counts]:
        return self._engines().counts()

    def close(self) -> None:
        if self._loaded is not None:
            self._loaded.close()


def _instructor(given: str) -> Path | StoredRoutine:
    """A file, or else a routine of that id."""
    path = Path(given)
    if path.exists() or not Folders.is_id(given):
        return path
    library = RoutineLibrary(load_settings().data / "routines")
    install_demo(library)
    return library.open(given)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            hint="Choose another with --out.",
            code="unwritable",
        ) from error


def _table(meta: ComparisonMeta) -> str:
    """The greatest deviations, a line each."""
    rows = [(f"{one.t:7.1f} s", f"{one.deviation_deg:+.0f}°", one.text) for one in meta.worst]
    return columns(rows) if rows else "Nothing stands out."
