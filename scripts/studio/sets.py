"""What the sets that benchmarks read are made of: which films, by whom, of what.

`dev` is to choose by, `val` to report. They share no body, room, outfit or camera (see `draws`),
no routine and no subject of motion capture. Each routine has a film of its instructor, of a student
who is right, of two with faults, and of one to whom things happen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from scripts.studio.asanas import ASANAS
from scripts.studio.mocap import Clip, MocapFile
from scripts.studio.routine import Beat, Routine
from scripts.studio.routine_files import ROUTINES, read_routine

SetName = Literal["dev", "val"]
Role = Literal["instructor", "right", "faults", "mishaps", "clip"]

ROUTINES_OF: Final[Mapping[SetName, tuple[str, ...]]] = MappingProxyType(
    {
        "dev": ("standing_flow", "sun_salutation", "core_and_back", "arms_and_shoulders"),
        "val": ("balance_set", "morning_yoga", "floor_set", "squat_and_lunge"),
    }
)
"""The demo's poses, on which the coach was tuned, are those of the standing flow."""
SUBJECTS_OF: Final[Mapping[SetName, str]] = MappingProxyType({"dev": "val", "val": "test"})
"""The split of the motion capture whose subjects a set shows; none trains on either."""
NUMBER_OF: Final[Mapping[SetName, int]] = MappingProxyType({"dev": 1, "val": 2})
"""Tells the draws of the sets apart where they have the same seed."""

FILMS_OF_A_ROUTINE: Final[tuple[Role, ...]] = ("instructor", "faults", "right", "mishaps", "faults")
MIXED: Final = 2
MIXED_S: Final = 120.0
"""A mixed routine lasts at least so long."""
ALIKE: Final = 0.6
"""How often the next pose of a mixed routine is of the same group."""
CLIPS: Final = 12
CLIP_S: Final = (4.0, 20.0)
"""Shorter clips are not shown, longer ones not to the end."""
EXERCISE: Final = frozenset({"yoga", "stretch", "exercise", "balance", "floor"})
"""The categories of motion capture that are nearest to what the coach is for."""
WIDE_EVERY: Final = 3
"""One film in so many is 16:9."""
QUICK_BEATS: Final = 4


@dataclass(frozen=True, slots=True)
class Film:
    """One film to be made.

    Attributes:
        name: of its files.
        split: whose bodies, rooms and outfits it has.
        role: what is shown.
        title: key of the routine, or number of the clip.
        seed: of all that is drawn for it.
        wide: whether it is 16:9.
        routine: what is done, None in a clip.
        clip_s: how much of a clip is shown, seconds.
    """

    name: str
    split: SetName
    role: Role
    title: str
    seed: tuple[int, ...]
    wide: bool
    routine: Routine | None = None
    clip_s: float = 0.0

    @property
    def about_s(self) -> float:
        """About how long it lasts: people are quicker and slower than their instructor."""
        return self.routine.spans()[-1].end_s if self.routine else self.clip_s


def films_of(
    split: SetName, seed: int, motions: MocapFile | None, *, quick: bool = False
) -> tuple[Film, ...]:
    """The films of a set, those first without which the others are of little use.

    Args:
        split: which set.
        seed: of everything that is drawn.
        motions: the motion capture; no clips where it is not at hand.
        quick: one short film of each role, to try things with.
    """
    routines = routines_of(split, seed)
    clips = _clips(split, seed, motions) if motions else ()
    if quick:
        first = next(iter(routines))
        routines = {first: Routine(routines[first].title, routines[first].beats[:QUICK_BEATS])}
        clips = clips[:1]
    films: list[Film] = []
    for turn, role in enumerate(FILMS_OF_A_ROUTINE):
        if quick and role in FILMS_OF_A_ROUTINE[:turn]:
            continue
        again = FILMS_OF_A_ROUTINE[:turn].count(role)
        for title, routine in routines.items():
            name = f"{title}.{role}" + (f"_{again + 1}" if again else "")
            number = len(films)
            drawn = (seed, NUMBER_OF[split], number)
            wide = (number + turn) % WIDE_EVERY == WIDE_EVERY - 1
            films.append(Film(name, split, role, title, drawn, wide, routine))
    for clip in clips:
        number = len(films)
        lasts = min(clip.frames / motions.fps, CLIP_S[0] if quick else CLIP_S[1]) if motions else 0
        films.append(
            Film(
                name=f"clip_{clip.name}",
                split=split,
                role="clip",
                title=clip.name,
                seed=(seed, NUMBER_OF[split], number),
                wide=number % WIDE_EVERY == WIDE_EVERY - 1,
                clip_s=lasts,
            )
        )
    return tuple(films)


def mixed_routine(rng: np.random.Generator, title: str) -> Routine:
    """Poses of the whole library in an order in which they can be done, none of them twice."""
    keys = sorted(ASANAS)
    now = str(rng.choice(keys))
    beats = [Beat(now, 0.0, float(rng.uniform(3.0, 5.0)))]
    lasts = beats[0].hold_s
    while lasts < MIXED_S:
        done = {beat.pose for beat in beats}
        group = ASANAS[now].group
        alike = [key for key in keys if ASANAS[key].group == group and key not in done]
        others = [key for key in keys if ASANAS[key].group != group and key not in done]
        stays = bool(alike) and rng.random() < ALIKE
        now = str(rng.choice(alike if stays else others))
        move = rng.uniform(1.8, 2.6) if stays else rng.uniform(3.0, 4.0)
        beats.append(Beat(now, float(move), float(rng.uniform(3.5, 6.5))))
        lasts += beats[-1].move_s + beats[-1].hold_s
    return Routine(title, tuple(beats))


def routines_of(split: SetName, seed: int) -> dict[str, Routine]:
    """Key -> routine of a set, mixed ones last."""
    routines = {key: read_routine(ROUTINES / f"{key}.toml") for key in ROUTINES_OF[split]}
    for i in range(1, MIXED + 1):
        rng = np.random.default_rng([seed, NUMBER_OF[split], 0, i])
        routines[f"mixed_{split}_{i}"] = mixed_routine(rng, f"Mixed, {i}")
    return routines


def _clips(split: SetName, seed: int, motions: MocapFile) -> Sequence[Clip]:
    """Clips of the subjects of a set, those first that are nearest to exercise."""
    rng = np.random.default_rng([seed, NUMBER_OF[split], 1])
    known = [
        clip
        for clip in motions.clips
        if clip.split == SUBJECTS_OF[split] and clip.frames >= CLIP_S[0] * motions.fps
    ]
    shuffled = [known[i] for i in rng.permutation(len(known))]
    return sorted(shuffled, key=lambda clip: clip.category not in EXERCISE)[:CLIPS]
