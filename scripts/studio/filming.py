"""A scene filmed by a laptop's webcam: what moves is smeared, and the sensor adds its own."""

from typing import Final

import numpy as np

from scripts.studio.motion import Motion
from scripts.studio.posing import Posed
from scripts.studio.renderer import Picture, Region
from scripts.studio.rotations import Array
from scripts.studio.scene import Scene
from scripts.studio.webcam import Sensor, Webcam, exposure_times, sub_exposures

TIPS: Final = ("head", "wrist.L", "wrist.R", "foot.L", "foot.R")
"""The bones that move fastest: how far they go in a frame says how far it is smeared."""


class Filming:
    """One film of one scene.

    Args:
        scene: who is filmed, and where.
        sensor: of the webcam.
        seed: of its noise.
        fps: frames a second.
        most_exposures: how many pictures are drawn of one frame at the most.
    """

    def __init__(
        self, scene: Scene, sensor: Sensor, seed: int, fps: float, *, most_exposures: int = 6
    ) -> None:
        self._scene = scene
        self._sensor = sensor
        self._fps = fps
        self._most = most_exposures
        camera = scene.camera
        self._webcam = Webcam(sensor, (camera.width, camera.height), seed)
        rig = scene.figure.rig
        self._tips = [rig.index(name) for name in TIPS]
        self._before: Array | None = None

    def frame(
        self, motion: Motion, t: float, region: Region | None = None
    ) -> tuple[Picture, Posed]:
        """The frame at a time, and where the bones are in the middle of its exposure.

        Frames are to be asked for in order. Outside the `region` a frame is not to be looked at.
        The depth of the scene is then that of about the middle of the exposure, drawn last.
        """
        scene, exposure_s = self._scene, self._sensor.exposure_s
        placed = motion.at(t)
        posed = scene.posed(placed)
        count = sub_exposures(self._speed(posed), exposure_s, self._most)
        if count == 1:
            return self._webcam.develop(scene.picture(placed, posed, region), region), posed
        moments = exposure_times(t, exposure_s, count)
        shots: dict[int, Picture] = {}
        for i in sorted(range(count), key=lambda i: -abs(moments[i] - t)):
            then = motion.at(float(moments[i]))
            shots[i] = scene.picture(then, scene.posed(then), region)
        return self._webcam.develop([shots[i] for i in range(count)], region), posed

    def _speed(self, posed: Posed) -> float:
        """Pixels a second of the fastest tip since the frame before."""
        tips = self._scene.camera.to_pixels(posed.heads[self._tips])
        before, self._before = self._before, tips
        if before is None:
            return 0.0
        return float(np.linalg.norm(tips - before, axis=1).max()) * self._fps
