"""A film as Chromium's fake camera shows it, with a still picture first to get ready in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
from av.video.frame import VideoFrame

FPS: Final = 30


def write_camera_film(source: Path, target: Path, *, lead_s: float) -> None:
    """Write `source` as motion JPEG after `lead_s` seconds of its first frame.

    Chromium opens it from its first frame with the camera, at 30 frames a second, and loops it.
    """
    with av.open(str(target), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", FPS, {"qscale": "4"})
        stream.pix_fmt = "yuvj420p"
        for number, frame in enumerate(_with_lead(source, round(lead_s * FPS))):
            if number == 0:
                stream.width, stream.height = frame.width, frame.height
            # A picture of its own: the decoder's frame carries what only its own stream means.
            out.mux(stream.encode(VideoFrame.from_ndarray(frame.to_ndarray(format="rgb24"))))
        out.mux(stream.encode())


def _with_lead(source: Path, still: int) -> Iterator[VideoFrame]:
    with av.open(str(source)) as film:
        for number, frame in enumerate(film.decode(video=0)):
            for _ in range(still if number == 0 else 0):
                yield frame
            yield frame
