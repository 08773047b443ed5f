"""What the coach says of a film that a detector has watched, and how right that is."""

from typing import Any, Final

import numpy as np

from coach_server.body.skeleton import JOINTS
from coach_server.coaching.cue import CueEvent
from coach_server.coaching.holds import find_holds
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track
from coach_server.inference.lifters import LoadedLifter
from coach_server.pipeline.student import StudentPipeline
from coach_server.pipeline.tracker import PoseTracker
from scripts.cheaper_keypoints.films import Film
from scripts.cheaper_keypoints.seen import Seen
from scripts.cue_scores.scoring import Cue, cues_of
from scripts.keypoint_scores.scores import body_sizes, errors
from scripts.keypoint_scores.sightings import Sightings
from scripts.lifter_scores.sources import NO_PICTURE, Replay

WITHIN: Final = 0.1


def routine_of(seen: Seen, lifter: LoadedLifter) -> Routine:
    """The routine as the product makes it of an instructor's film."""
    count = len(seen.found)
    tracker = PoseTracker(Replay(tuple(map(seen.keypoints, range(count)))), lifter.new())
    points = np.zeros((count, JOINTS, 3), np.float32)
    joints, sigma = np.full((2, count, JOINTS, 3), np.nan, np.float32)
    depth = np.full((count, JOINTS), np.nan, np.float32)
    present = np.zeros(count, np.bool_)
    for i, t in enumerate(seen.time_s.tolist()):
        tracked = tracker.step(NO_PICTURE, t)
        if tracked is not None:
            points[i], depth[i] = tracked.keypoints.pixels, tracked.keypoints.depth
            joints[i], sigma[i] = tracked.pose.joints, tracked.pose.sigma
            present[i] = True
    fps = (count - 1) / (seen.time_s[-1] - seen.time_s[0])
    size = (int(seen.size[0]), int(seen.size[1]))
    track = Track(float(fps), seen.time_s, size, points, depth, joints, sigma, present)
    return Routine(track, find_holds(track))


def cues_said(film: Film, seen: Seen, routine: Routine, lifter: LoadedLifter) -> list[Cue]:
    """What the coach says of a student."""
    replay = Replay(tuple(map(seen.keypoints, range(len(seen.found)))))
    pipeline = StudentPipeline(replay, lifter.new(), routine, film.choices)
    clock = PlayerClock(0.0, playing=True, rate=1.0, at_s=0.0, end_s=routine.duration_s)
    events: list[CueEvent] = []
    for t in seen.time_s.tolist():
        events += pipeline.step(NO_PICTURE, t, clock).cues
    return cues_of(events)


def accuracy(film: Film, seen: Seen) -> dict[str, Any] | None:
    """How near keypoints are to the truth, in pixels of the film, however small it was sent.

    None where the truth is not known of the film's frames.
    """
    if film.truth is None:
        return None
    tracks, found, pinhole = film.truth.tracks, seen.found, film.truth.pinhole
    count = len(found)
    pixels = seen.points[:, :, :2] * (pinhole.width, pinhole.height)
    every = Sightings(
        pose=np.full(count, ""),
        view_deg=np.zeros(count, np.int16),
        held=np.ones(count, bool),
        keypoints=tracks.keypoints,
        visibility=tracks.visibility,
        at_once=found,
        found=found,
        detected=pixels.astype(np.float32),
        sure=found,
        guarded=pixels.astype(np.float32),
    )
    of_found = every.of(found)
    off, visible = errors(of_found), of_found.visibility == 2
    shares = (off / body_sizes(of_found)[:, None])[visible]
    return {
        "frames": count,
        "found": int(found.sum()),
        "px": off[visible].tolist(),
        "within": int((shares <= WITHIN).sum()),
    }
