"""Makes the films of a set, each with its truth: `NAME.mp4`, `NAME.npz`, `NAME.json`."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from coach_server.errors import InputError
from scripts.studio.draws import FOUR_TO_THREE, SIXTEEN_TO_NINE, draw_casting
from scripts.studio.faults import Fault
from scripts.studio.figure import build
from scripts.studio.film import FilmWriter
from scripts.studio.filming import Filming
from scripts.studio.mocap import MocapFile
from scripts.studio.mocap_motion import MocapMotion
from scripts.studio.motion import Motion
from scripts.studio.performance import Performance
from scripts.studio.posing import Poser
from scripts.studio.proportions import proportioned
from scripts.studio.recording import Happenings, Recording
from scripts.studio.scene import Casting, Scene
from scripts.studio.set_faults import Wanted, choose_faults, choose_mishaps, wanted_faults
from scripts.studio.sets import NUMBER_OF, Film, SetName
from scripts.studio.truth import film_truth
from scripts.studio.truth_file import FilmTruth, Pinhole, write
from scripts.studio.webcam import draw_sensor

SCHEMA: Final = 1
CRF: Final = 20
PRESET: Final = "veryfast"
"""Noise costs x264 more time than it takes to draw it."""
TAIL_S: Final = 0.5
"""A film goes on for so long after the last pose."""
MOST_EXPOSURES: Final = 3
SENSOR, MISHAPS, FAULTS = 1, 2, 3
"""Tell the draws for a film apart from those for its casting."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A set before it is filmed.

    Attributes:
        split: which set.
        seed: what it was drawn from.
        fps: of all films.
        films: all of them.
        faults: what goes wrong in which film, by its name.
        not_shown: faults of the catalogue for which no film has a fitting pose.
    """

    split: SetName
    seed: int
    fps: int
    films: tuple[Film, ...]
    faults: Mapping[str, tuple[Fault, ...]]
    not_shown: tuple[Wanted, ...]

    def missing(self, folder: Path) -> list[Film]:
        """The films that are not there yet; one that is half made counts for none."""
        return [film for film in self.films if not (folder / f"{film.name}.json").exists()]


def plan_set(
    split: SetName, seed: int, fps: int, films: Sequence[Film], folder: Path, body_folder: Path
) -> Plan:
    """The plan of a set, from its manifest where there is one, which is written else.

    Args:
        split: which set.
        seed: of everything that is drawn.
        fps: of all films.
        films: as `sets.films_of` has them.
        folder: where the set is to lie.
        body_folder: the body data.

    Raises:
        InputError: another set lies there.
    """
    path = folder / "manifest.json"
    head = {"schema": SCHEMA, "split": split, "seed": seed, "fps": fps}
    listed = [film.name for film in films]
    if path.exists():
        known = json.loads(path.read_text("utf-8"))
        if any(known.get(key) != value for key, value in (head | {"films": listed}).items()):
            raise InputError(
                f"There is another set in {folder}.", hint="Delete that folder, or build its set."
            )
        faults = {
            name: tuple(Fault(**row) for row in rows) for name, rows in known["faults"].items()
        }
        not_shown = tuple(Wanted(**row) for row in known["not_shown"])
        return Plan(split, seed, fps, tuple(films), faults, not_shown)
    wanted = wanted_faults(np.random.default_rng([seed, NUMBER_OF[split], FAULTS]))
    faults = {}
    for film in films:
        if film.role == "faults" and film.routine is not None:
            rng = np.random.default_rng([*film.seed, FAULTS])
            faults[film.name], wanted = choose_faults(
                wanted, film.routine, _poser(film, body_folder), rng
            )
    rows = {name: [asdict(fault) for fault in chosen] for name, chosen in faults.items()}
    left = [asdict(wish) for wish in wanted]
    table = head | {"films": listed, "faults": rows, "not_shown": left}
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    partial.replace(path)
    return Plan(split, seed, fps, tuple(films), faults, tuple(wanted))


def casting_of(film: Film, faults: tuple[Fault, ...] = ()) -> Casting:
    """Who is in a film, where, and how they follow."""
    casting = draw_casting(
        film.seed,
        film.split,
        beats=len(film.routine.beats) if film.routine else 0,
        size=SIXTEEN_TO_NINE if film.wide else FOUR_TO_THREE,
        yaw_deg=0.0 if film.role == "instructor" else 45.0,
    )
    manner = casting.manner
    if film.role == "instructor":
        fidgets = film.seed[-1] % 2 == 1
        manner = replace(manner, lag_s=0.0, lag_spread_s=0.0, pauses={}, tempo=1.0, fidgets=fidgets)
    if film.role == "faults":
        manner = replace(manner, faults=faults)
    if film.role == "mishaps" and film.routine is not None:
        rng = np.random.default_rng([*film.seed, MISHAPS])
        manner = replace(manner, mishaps=choose_mishaps(film.routine, rng), fidgets=True)
    return replace(casting, manner=manner)


def shoot(
    film: Film,
    faults: tuple[Fault, ...],
    fps: int,
    folder: Path,
    body_folder: Path,
    motions: MocapFile | None,
    on_frame: Callable[[], object],
) -> None:
    """Make one film and its truth.

    Args:
        film: which.
        faults: what goes wrong in it.
        fps: frames a second.
        folder: where its files go.
        body_folder: the body data.
        motions: the motion capture, for a clip of it.
        on_frame: called after each frame.
    """
    casting = casting_of(film, faults)
    scene = Scene(casting, body_folder)
    try:
        motion, happenings = _motion(film, scene, motions)
        rng = np.random.default_rng([*film.seed, SENSOR])
        noise = int(rng.integers(2**31))
        filming = Filming(scene, draw_sensor(rng), noise, fps, most_exposures=MOST_EXPOSURES)
        recording = Recording(scene.poser, scene.camera)
        size = (scene.camera.width, scene.camera.height)
        with FilmWriter(folder / f"{film.name}.mp4", size, fps, CRF, preset=PRESET) as writer:
            for i in range(round((motion.end_s + TAIL_S) * fps)):
                picture, posed = filming.frame(motion, i / fps)
                writer.write(picture)
                recording.add(i / fps, posed, scene.depth())
                on_frame()
    finally:
        scene.close()
    truth = FilmTruth(
        name=film.name,
        split=film.split,
        source="mocap" if film.role == "clip" else "routine",
        title=film.title,
        role=film.role,
        seed=film.seed,
        fps=fps,
        pinhole=Pinhole.of(casting.camera),
        holds=happenings.holds,
        faults=happenings.faults,
        mishaps=happenings.mishaps,
        fidgets=happenings.fidgets,
        tracks=recording.tracks(happenings),
    )
    write(folder, truth)


def _motion(film: Film, scene: Scene, motions: MocapFile | None) -> tuple[Motion, Happenings]:
    """What is done in a film, and what is known to happen."""
    if film.routine is not None:
        performance: Performance = scene.perform(film.routine)
        known: dict[str, Any] = film_truth(performance, film.routine, scene.camera)
        return performance, Happenings(known)
    if motions is None:
        raise InputError(
            f"{film.name} needs the motion capture.", hint="See studio/mocap.py for where it lies."
        )
    clip = motions.clip(film.title)
    frames = round(film.clip_s * motions.fps)
    joints, roots = motions.joints(clip)[:frames], motions.roots(clip)[:frames]
    return MocapMotion(scene.poser, joints, roots, motions.fps), Happenings({})


def _poser(film: Film, body_folder: Path) -> Poser:
    casting = casting_of(film)
    return Poser(proportioned(build(body_folder, casting.shape), casting.proportions))
