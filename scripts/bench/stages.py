"""What each stage of the pipeline costs, one student, one thread."""

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from coach_server.coaching.coach import Coach
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.routine import Routine
from coach_server.inference.engines import Engines
from coach_server.pipeline.swap_guard import SwapGuard
from coach_server.rtc.messages import pose_message
from coach_server.video.pixels import PictureMaker
from coach_server.video.reader import FilmReader
from scripts.bench.cpu import Stages

FPS: Final = 30
_REALTIME: Final = {"deadline": "realtime", "cpu-used": "8"}


def webcam_packets(film: Path, frames: int) -> list[bytes]:
    """The film's first frames as the VP8 that a browser would send of a webcam."""
    encoder = VideoCodecContext.create("libvpx", "w")
    packets: list[bytes] = []
    with FilmReader(film) as reader:
        encoder.pix_fmt, encoder.bit_rate = "yuv420p", 1_500_000
        encoder.framerate = Fraction(FPS)
        encoder.options = _REALTIME
        for index, shown in enumerate(reader):
            if index == frames:
                break
            if not encoder.is_open:
                encoder.width, encoder.height = shown.frame.width, shown.frame.height
            picture = shown.frame.reformat(format="yuv420p")
            picture.pts = index
            picture.time_base = Fraction(1, FPS)
            packets.extend(bytes(packet) for packet in encoder.encode(picture))
    return packets


def measure(
    packets: list[bytes], routine: Routine, engines: Engines
) -> tuple[Stages, list[NDArray[np.uint8]]]:
    """Run the packets through every stage, as a session does; gives the pictures as well."""
    stages = Stages()
    decoder = VideoCodecContext.create("libvpx", "r")
    decoder.thread_count = 1
    detector, lifter, guard = engines.new_detector(), engines.new_lifter(), SwapGuard()
    coach, pictures, others = Coach(routine), PictureMaker(), PictureMaker()
    clock = PlayerClock(0.0, playing=True, rate=1.0, at_s=0.0, end_s=routine.duration_s)
    kept = []
    for index, data in enumerate(packets):
        t = index / FPS
        with stages.measured("decode"):
            (frame,) = decoder.decode(av.Packet(data))
            picture = pictures.rgbx(frame)
        kept.append(others.rgb(frame))
        with stages.measured("keypoints"):
            found = detector.detect(picture)
        if found is None:
            continue
        with stages.measured("lifter"):
            keypoints = guard.check(found).keypoints
            pose = lifter.lift(keypoints, t)
        with stages.measured("coaching"):
            judgement = coach.judge(keypoints, pose, t, clock.position(t), runs=clock.runs(t))
        with stages.measured("send"):
            pose_message(
                seq=index,
                t=t,
                capture_ms=None,
                keypoints=keypoints.points,
                joints=pose.joints,
                lag_s=judgement.match.lag_s if judgement.match else None,
                routine_t=judgement.match.routine_t if judgement.match else None,
                deviations=judgement.deviations,
            )
    return stages, kept
