"""A film as a webcam that counts its frames: a machine reads from each picture which one it is."""

import itertools
from pathlib import Path
from typing import Final

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from coach_server.video.reader import FilmReader

FPS: Final = 30
BITS: Final = 12
CELL_W: Final = 32
CELL_H: Final = 24
"""Pixels of a bit at 640x480: large enough for what a video encoder does to it."""

_WIDTH: Final = 640
_HEIGHT: Final = 480
_BLACK: Final = 16
_WHITE: Final = 235
_GREY: Final = 128
_MARGIN: Final = 6
"""Of a cell's edge that is not read, for its neighbours bleed into it."""


def write_numbered_film(source: Path, target: Path, frames: int) -> int:
    """Write the first `frames` of a film as raw video (Y4M) with numbers; gives how many.

    The film is 640x480, and Chromium loops what is written.
    """
    written = 0
    with FilmReader(source) as reader, target.open("wb") as out:
        for number, shown in enumerate(itertools.islice(reader, frames)):
            picture = shown.frame.reformat(format="yuv420p").to_ndarray().astype(np.uint8)
            if number == 0:
                rows, width = picture.shape
                out.write(f"YUV4MPEG2 W{width} H{rows * 2 // 3} F{FPS}:1 Ip A1:1 C420\n".encode())
            draw_number(picture, number)
            out.write(b"FRAME\n" + picture.tobytes())
            written += 1
    return written


def draw_number(picture: NDArray[np.uint8], number: int) -> None:
    """Draw a number (modulo 4096) at the top left of an I420 picture of 640x480.

    Two rows of cells: the number's bits, the highest first, and below them their complement, by
    which a reader knows that it reads.
    """
    bits = (number >> np.arange(BITS - 1, -1, -1)) & 1
    for row, shown in enumerate((bits, 1 - bits)):
        luma = np.where(shown == 1, _WHITE, _BLACK).astype(np.uint8)
        picture[row * CELL_H : (row + 1) * CELL_H, : BITS * CELL_W] = luma.repeat(CELL_W)
    for colour in picture[_HEIGHT:].reshape(2, _HEIGHT // 2, _WIDTH // 2):
        colour[:CELL_H, : BITS * CELL_W // 2] = _GREY


def number_on(frame: VideoFrame) -> int | None:
    """The number on a decoded picture of any size; None where none can be read."""
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    x, y = frame.width / _WIDTH, frame.height / _HEIGHT
    rows = [
        [
            luma[
                round((row * CELL_H + _MARGIN) * y) : round(((row + 1) * CELL_H - _MARGIN) * y),
                round((bit * CELL_W + _MARGIN) * x) : round(((bit + 1) * CELL_W - _MARGIN) * x),
            ].mean()
            for bit in range(BITS)
        ]
        for row in range(2)
    ]
    bits, complement = np.array(rows) > _GREY
    if (bits == complement).any():
        return None
    return int(bits @ (1 << np.arange(BITS - 1, -1, -1)))
