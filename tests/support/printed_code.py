"""A QR code as it stands in a terminal, read as a phone's camera reads it."""

from typing import Final

import cv2
import numpy as np

SHINES: Final = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
"""What a character lights up on a dark terminal: its upper and its lower half."""

AROUND: Final = 4
"""Modules of dark terminal around the code, whose quiet zone must be of its own printing."""

MODULE_PX: Final = 4


def read_printed_code(text: str) -> str:
    """What the code says that is printed in `text`; empty where none can be read."""
    lines = [line for line in text.splitlines() if line and SHINES.keys() >= set(line)]
    assert lines, text
    rows = [np.array([SHINES[each] for each in line], np.uint8).T for line in lines]
    screen = np.pad(np.vstack(rows), AROUND)
    seen = np.kron(screen, np.ones((MODULE_PX, MODULE_PX), np.uint8))
    # this detector finds every code of such edges, the other one misses some
    return cv2.QRCodeDetectorAruco().detectAndDecode(seen)[0]
