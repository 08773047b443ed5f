"""The tables of what was measured, in Markdown."""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import fill
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scripts.keypoint_scores.scores import Score, score
from scripts.keypoint_scores.sightings import Sightings, joined
from scripts.keypoint_scores.stills import BODIES, BODIES_A_VIEW

REASONS: Final = Path(__file__).parent / "reasons.toml"
"""Why poses fail, told by who looked at the pictures: `[stills]` and `[films]`, pose = "why"."""
FOUND, PCK, SWAPPED = 0.9, 0.7, 0.1
"""A pose fails in a film where less is found or right, or more is swapped; a still where nobody is
found or less is right."""
FIGURES: Final = ("found", "median px", "p90 px", "limbs px", "of size", "PCK 10 %", "swapped")
GUARDED: Final = ("sure", "median px then", "PCK then", "swapped then")

WORDS: Final = ("", "pose", "pose class", "fails at", "why")
"""Columns that hold no figures."""
UNSEEN: Final = "not looked at"

Why = Mapping[str, str]


def reasons(kind: str) -> Why:
    """Pose -> why it fails, in `stills` or in `films`."""
    why: Why = tomllib.loads(REASONS.read_text("utf-8"))[kind]
    return why


def introduction(engine: str) -> str:
    """What the document is, and what its words mean."""
    about = filled(
        f"""Measured by `python -m scripts.measure_keypoints` (stills, films, time) and told by its
        report. The detector is the product's own, {engine}, on the CPU. Bodies, rooms, clothes and
        cameras are of the `dev` split, the pictures as a webcam gives them."""
    )
    return f"""# How well the detector sees the studio's people

{about}

- found: the person is found, and followed.
- median px, p90 px: distance from the true keypoint, over those that can be seen; limbs px: the
  median over all twelve of the limbs, hidden ones too. Of size: the median as a share of the
  body's size, which is the longer side of the box around all 17 true keypoints.
- PCK 10 %: the share of the keypoints that can be seen and are off by a tenth of that size at most.
- swapped: arms or legs fit the truth better with left and right exchanged, by more than a twentieth
  of the size.

Errors, PCK and swapped are of frames in which somebody was found. The truth is where the joints of
the rig are, which is a little off from where the detector was taught to put its landmarks: some
pixels of every error are that.
"""


def stills_section(stills: Sightings, why: Why) -> str:
    """How stills are seen: by pose class, by view, by both, in all, and which fail."""
    groups = list(parts(stills, stills.group))
    rows = [_row(name, part) for name, part in groups]
    rows += [_row(f"{name}°", part) for name, part in parts(stills, stills.view_deg)]
    rows.append(_row("**all**", stills))
    views = [f"{view}°: found / PCK" for view in np.unique(stills.view_deg)]
    both = []
    for name, part in groups:
        seen = [score(of_view) for _, of_view in parts(part, part.view_deg)]
        both.append([name, *(f"{_share(s.found_share)} / {_share(s.pck)}" for s in seen)])
    failing = [
        [pose, said, why.get(pose, UNSEEN)]
        for pose, part in parts(stills, stills.pose)
        if (said := _failures(part))
    ]
    s = score(stills)
    about = filled(
        f"""All {len(set(stills.pose.tolist()))} poses from 0 (the person faces the camera), 45 and
        90 degrees (the camera sees the left side), each by {BODIES_A_VIEW} of {BODIES} bodies in
        the middle of the mat: {s.frames} stills. Each is shown to a detector that knows nothing
        yet: the first frame is searched, and {s.at_once} are found so; what is said of the second
        counts."""
    )
    return f"""## Stills

{about}

{table(("", "stills", *FIGURES), rows)}
{table(("pose class", *views), both)}
Where it fails (nobody found, or PCK 10 % under 70 %):

{table(("pose", "fails at", "why"), failing)}"""


def films_section(films: Mapping[str, Sightings], why: Why) -> str:
    """How films are seen: each, by pose class, held and in motion, in all, and what fails."""
    everything = joined(list(films.values()))
    held = everything.of(everything.held)
    rows = [_guarded_row(f"{name}, {part.view_deg[0]}°", part) for name, part in films.items()]
    rows += [_guarded_row(name, part) for name, part in parts(everything, everything.group)]
    rows += [_guarded_row("held", held), _guarded_row("moving", everything.of(~everything.held))]
    rows.append(_guarded_row("**all**", everything))
    scored = [
        (pose, score(part), score(part.after_guard())) for pose, part in parts(held, held.pose)
    ]
    failing = [
        [pose, *_failure(seen, relied_on), why.get(pose, UNSEEN)]
        for pose, seen, relied_on in scored
        if min(seen.found_share, relied_on.found_share) < FOUND
        or seen.pck < PCK
        or seen.swapped > SWAPPED
    ]
    about = filled(
        f"""{len(films)} routines at 15 frames a second, each by another body that follows well, the
        camera aside by the degrees beside the name; frame after frame as a student is seen. "Then"
        is what the coach has after the swap guard: frames in which it is sure of the sides,
        repaired where need be."""
    )
    return f"""## Films

{about}

{table(("", "frames", *FIGURES, *GUARDED), rows)}
Where it fails while a pose is held (found, or sure, in under 90 % of the frames, PCK 10 % under
70 %, or swapped in over 10 %):

{table(("pose", "frames", "found", "PCK 10 %", "swapped", "sure", "why"), failing)}"""


def time_section(timed: Mapping[str, Any]) -> str:
    """What a film takes, as `timing.time_film` measured it."""
    about = filled(
        f"""`{timed["film"]}`, 640x480, in one process on one core: posed, drawn, smeared,
        developed, its truth told, encoded. {timed["machine"]}, load {timed["load"]} meanwhile."""
    )
    whole = f"{timed['frames']} frames, {timed['screen_minutes']} minutes of film, in minutes"
    rows = [
        ("one frame, median, ms", timed["frame_wall_ms"], timed["frame_cpu_ms"]),
        (whole, timed["wall_minutes"], timed["cpu_minutes"]),
    ]
    return f"""## Time

{about}

{table(("", "by the clock", "of CPU"), rows)}"""


def figures(kinds: Mapping[str, Sightings]) -> dict[str, Any]:
    """The same as JSON has it: of each kind in all, after the guard, by pose class and by pose."""
    return {
        kind: {
            "all": _plain(score(seen)),
            "after_guard": _plain(score(seen.after_guard())),
            "by_class": {group: _plain(score(part)) for group, part in parts(seen, seen.group)},
            "by_pose": {pose: _plain(score(part)) for pose, part in parts(seen, seen.pose)},
        }
        for kind, seen in kinds.items()
    }


def parts(sightings: Sightings, labels: NDArray[Any]) -> Iterator[tuple[str, Sightings]]:
    """The frames of each label of (T,) labels."""
    for label in np.unique(labels):
        yield str(label), sightings.of(labels == label)


def filled(text: str) -> str:
    """A paragraph in lines of at most a hundred letters."""
    return fill(" ".join(text.split()), 100, break_long_words=False, break_on_hyphens=False)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with its figures to the right."""
    sides = ["---" if title in WORDS else "--:" for title in head]
    lines = (head, sides, *rows)
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def fails(figures_of: Score) -> bool:
    """Whether a still counts as a failure."""
    return figures_of.found < figures_of.frames or figures_of.pck < PCK


def _failure(seen: Score, relied_on: Score) -> list[str]:
    shares = (seen.found_share, seen.pck, seen.swapped, relied_on.found_share)
    return [str(seen.frames), *(_share(share) for share in shares)]


def _failures(of_pose: Sightings) -> str:
    """From which sides a pose fails, and how; nothing where it does not."""
    told = []
    for view, part in parts(of_pose, of_pose.view_deg):
        s = score(part)
        if s.found < s.frames:
            told.append(f"{view}°: {s.frames - s.found} of {s.frames} not found")
        if s.pck < PCK:
            told.append(f"{view}°: PCK {_share(s.pck)}")
    return ", ".join(told)


def _row(name: str, seen: Sightings) -> list[str]:
    s = score(seen)
    return [
        name,
        str(s.frames),
        _share(s.found_share),
        _pixels(s.median_px),
        _pixels(s.p90_px),
        _pixels(s.limbs_px),
        _share(s.median_of_size, 1),
        _share(s.pck, 1),
        _share(s.swapped, 1),
    ]


def _guarded_row(name: str, seen: Sightings) -> list[str]:
    s = score(seen.after_guard())
    sure = [_share(s.found_share, 1), _pixels(s.median_px), _share(s.pck, 1), _share(s.swapped, 1)]
    return [*_row(name, seen), *sure]


def _pixels(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1f}"


def _share(value: float, digits: int = 0) -> str:
    return "-" if math.isnan(value) else f"{100.0 * value:.{digits}f} %"


def _plain(figures_of: Score) -> dict[str, float | None]:
    rounded = {name: round(value, 4) for name, value in asdict(figures_of).items()}
    return {name: None if math.isnan(value) else value for name, value in rounded.items()}
