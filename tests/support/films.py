"""Small films made on the spot, and engines that see in them what the test says."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.coaching.track import Track
from coach_server.inference.batching.gathering import Counts
from coach_server.inference.protocols import KeypointDetector, Lifter, Rgb
from support.stick_figure import keypoints_of, pose_of


def write_film(
    path: Path,
    frames: int,
    *,
    fps: int = 30,
    size: tuple[int, int] = (96, 64),
    codec: str = "libx264",
    rotation: int = 0,
    sound: bool = False,
    begins: int = 0,
    every: int = 1,
) -> Path:
    """A film whose upper left corner is red and whose brightness counts the frames.

    It says `fps`; its first frame is shown at `begins`, one in `every` is there, in frames of it.
    """
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=fps)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        if rotation:
            stream.set_display_rotation(rotation)
        audio = out.add_stream("aac", rate=48_000) if sound else None
        for index in range(frames):
            picture = np.full((size[1], size[0], 3), 60 + index % 100, np.uint8)
            picture[: size[1] // 4, : size[0] // 4] = (230, 20, 20)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = begins + index * every, Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if audio:
            silence = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024 * 2), np.int16), format="s16", layout="stereo"
            )
            silence.sample_rate = 48_000
            for index in range(frames * 48_000 // fps // 1024):
                silence.pts = index * 1024
                out.mux(audio.encode(silence))
            out.mux(audio.encode(None))
    return path


def write_gigantic_picture(
    path: Path, side: int = 12_000, codec: str = "mjpeg", pix_fmt: str = "yuvj420p"
) -> Path:
    """A film of one square picture in one colour, a few MB."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=1)
        assert isinstance(stream, VideoStream)
        stream.width = stream.height = side
        stream.pix_fmt = pix_fmt
        frame = av.VideoFrame(side, side, pix_fmt)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


class ScriptedEngines:
    """Engines that see one row of a track with each frame, then nobody."""

    def __init__(self, joints: FloatArray | Track, fingerprint: str = "scripted:1") -> None:
        self.joints = joints.joints if isinstance(joints, Track) else joints
        self.fingerprint = fingerprint

    def new_detector(self) -> KeypointDetector:
        return _ScriptedDetector(self.joints, self.fingerprint)

    def new_lifter(self) -> Lifter:
        return _ScriptedLifter(self.fingerprint)

    def counts(self) -> dict[str, Counts]:
        return {}

    def close(self) -> None:
        pass

    def fingerprints(self) -> dict[str, str]:
        return {"keypoints": self.fingerprint, "lifter": self.fingerprint}

    def describe(self) -> dict[str, str]:
        return {"device": "none", "keypoints": "scripted", "lifter": "scripted", "provider": "none"}


class _ScriptedDetector:
    name = "scripted"

    def __init__(self, joints: FloatArray, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self._joints = joints
        self._next = 0

    def detect(self, rgb: Rgb) -> Keypoints | None:
        del rgb
        row, self._next = self._next, self._next + 1
        if row >= len(self._joints) or not np.isfinite(self._joints[row]).all():
            return None
        return keypoints_of(self._joints[row])

    def reset(self) -> None:
        self._next = 0

    def close(self) -> None:
        pass


class _ScriptedLifter:
    name = "scripted"

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint

    def lift(self, keypoints: Keypoints, t: float) -> Pose:
        del t
        assert keypoints.world is not None
        return pose_of(_from_coco(keypoints.world))

    def reset(self) -> None:
        pass

    def close(self) -> None:
        pass


def _from_coco(world: FloatArray) -> FloatArray:
    """H36M-17 joints of a stick figure's COCO-17 points."""
    joints = np.zeros((17, 3), np.float32)
    for coco, h36m in ((11, 4), (12, 1), (13, 5), (14, 2), (15, 6), (16, 3)):
        joints[h36m] = world[coco]
    for coco, h36m in ((5, 11), (6, 14), (7, 12), (8, 15), (9, 13), (10, 16), (0, 9), (3, 10)):
        joints[h36m] = world[coco]
    joints[8] = (joints[11] + joints[14]) / 2
    joints[7] = joints[8] / 2
    return joints
