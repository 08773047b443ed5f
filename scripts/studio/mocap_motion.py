"""A figure that moves as a slice of motion capture does, at any time and on the studio's floor."""

from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, minimum_filter1d

from coach_server.body.skeleton import H36m
from scripts.studio.mocap_stance import Stances, stances
from scripts.studio.placed import Placed
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, about
from scripts.studio.settling import lowest
from scripts.studio.stance import LEFT, RIGHT, UP

LONGEST_FLIGHT_S: Final = 1.2
"""Who is off the ground for longer stands on something: that is the floor then."""
CONTACT_M: Final = 0.05
"""The lowest joint rises so far before the body leaves the ground: ankles do while heels lift."""
FLOOR_SMOOTHED_S: Final = 0.1
HEIGHT_SMOOTHED_S: Final = 0.12
SINKS_M: Final = 0.006
"""The smoothed height may bring the lowest point of the skin so far below the floor."""
LIFTING_S: Final = 0.1
"""Who would sink deeper is lifted from so long before until so long after."""
STANDS: Final = 0.9


class MocapMotion:
    """A motion (see `motion.Motion`) from motion capture: facing the camera, in the mat's middle.

    Args:
        poser: the body that does it.
        joints: (T, 21, 3) metres, pelvis at the origin; as `MocapFile.joints`.
        roots: (T, 3) where the pelvis is, metres.
        fps: frames a second.
        speed: 0.5 does it in twice the time.
        heading_deg: turned by so much to the left from facing the camera on the average.
        straighten_elbows_deg: elbows are opened by so much, never past straight; bent below 0.
        straighten_knees_deg: the same for knees.
    """

    def __init__(
        self,
        poser: Poser,
        joints: Array,
        roots: Array,
        fps: float = 30.0,
        *,
        speed: float = 1.0,
        heading_deg: float = 0.0,
        straighten_elbows_deg: float = 0.0,
        straighten_knees_deg: float = 0.0,
    ) -> None:
        self._poser = poser
        self._rate = fps * speed
        turn = about(UP, heading_deg - mean_heading_deg(joints))
        joints, roots = joints @ turn.T, roots @ turn.T
        heights = joints[:, :, 1] + roots[:, 1:2]
        floor = floor_heights(heights, fps)
        self._stances = stances(
            joints,
            heights - floor[:, None],
            straighten_elbows_deg=straighten_elbows_deg,
            straighten_knees_deg=straighten_knees_deg,
        )
        scale = (poser.thigh_m + poser.shin_m) / _leg_m(joints)
        self._pelvis = scale * (roots - np.median(roots, axis=0))
        flight = np.maximum(heights.min(axis=1) - floor - CONTACT_M, 0.0)
        supported = contact_heights(poser, self._stances) + scale * flight
        self._pelvis[:, 1] = _steadied(supported, scale * roots[:, 1], fps)

    @property
    def end_s(self) -> float:
        """When it is over."""
        return (len(self._pelvis) - 1) / self._rate

    def at(self, t: float) -> Placed:
        """The body at a time, seconds."""
        place = min(max(t, 0.0), self.end_s) * self._rate
        before = int(place)
        after, share = min(before + 1, len(self._pelvis) - 1), place - before
        pelvis = self._pelvis[before] + share * (self._pelvis[after] - self._pelvis[before])
        stance = self._stances.at(place)
        ankles = pelvis + self._poser.hips @ stance.pelvis.T
        ankles = ankles + self._poser.thigh_m * stance.thigh + self._poser.shin_m * stance.shin
        standing = self._stances.standing[before] > STANDS
        planted = tuple(side for side in (LEFT, RIGHT) if standing[side])
        return Placed(stance, pelvis, ankles, planted)


def mean_heading_deg(joints: Array) -> float:
    """Where people face on the average, from z to their left; that of lying ones by their hips."""
    left = (joints[:, H36m.LEFT_HIP] - joints[:, H36m.RIGHT_HIP]).mean(axis=0)
    return float(np.degrees(np.arctan2(-left[2], left[0])))


def floor_heights(heights: Array, fps: float) -> Array:
    """(T,) the height of the lowest joint where it is not in flight, from those of all (T, 21)."""
    window = max(round(LONGEST_FLIGHT_S * fps), 1)
    low = minimum_filter1d(heights.min(axis=1), window, mode="nearest")
    floor = maximum_filter1d(low, window, mode="nearest")
    smoothed: Array = gaussian_filter1d(floor, FLOOR_SMOOTHED_S * fps, mode="nearest")
    return smoothed


def contact_heights(poser: Poser, track: Stances) -> Array:
    """(T,) the height of the pelvis at which the lowest point of the skin is on the floor."""
    return np.array([-lowest(poser, track.at(frame)) for frame in range(len(track.frames))])


def _steadied(wanted: Array, captured: Array, fps: float) -> Array:
    """Heights (T,) that move as captured ones do, are about where wanted, and never sink deep."""
    off = gaussian_filter1d(wanted - captured, HEIGHT_SMOOTHED_S * fps, mode="nearest")
    steadied: Array = captured + off
    reach = max(round(LIFTING_S * fps), 1)
    lift = maximum_filter1d(np.maximum(wanted - SINKS_M - steadied, 0.0), 2 * reach + 1)
    steadied += gaussian_filter1d(lift, reach / 2, mode="nearest", radius=reach)
    return steadied


def _leg_m(joints: Array) -> float:
    """The length of a leg."""
    hip, knee, ankle = (joints[0, i] for i in (H36m.LEFT_HIP, H36m.LEFT_KNEE, H36m.LEFT_ANKLE))
    return float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
