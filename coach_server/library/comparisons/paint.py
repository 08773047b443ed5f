"""Strokes, cards and letters: how the overlay looks. Colours are BGR, as OpenCV has them."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[int, int]
Place: TypeAlias = Sequence[float] | NDArray[np.floating]


def _bgr(hex_code: str) -> Colour:
    red, green, blue = (int(hex_code[i : i + 2], 16) for i in (0, 2, 4))
    return blue, green, red


GROUND: Final = _bgr("11151C")
CARD: Final = _bgr("1A202B")
LINE: Final = _bgr("2C3545")
TEXT: Final = _bgr("F2F5FA")
QUIET: Final = _bgr("9AA7BA")
BLUE: Final = _bgr("4C9DFF")
RED: Final = _bgr("FF5C57")
AMBER: Final = _bgr("FFB020")
YELLOW: Final = _bgr("FFE14D")
DARK: Final = _bgr("0B0E13")

_FACE: Final = cv2.FontFace("sans")
_SUBPIXEL: Final = 4
"""Bits of a pixel: what moves slowly must not jump from pixel to pixel."""


def between(one: Colour, other: Colour, share: float) -> Colour:
    """A colour on the way from one to another."""
    mixed = [round(a + (b - a) * share) for a, b in zip(one, other, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def of_excess(excess: float) -> tuple[Colour, float]:
    """The colour of a limb, and by how many times it is thicker than others.

    Red is right. From 0.7 of the allowance it goes over amber into yellow, which is lighter for
    whoever sees no colours, and twice as thick.
    """
    share = min(max((excess - 0.7) / 0.8, 0.0), 1.0)
    colour = (
        between(RED, AMBER, share * 2) if share < 0.5 else between(AMBER, YELLOW, share * 2 - 1)
    )
    return colour, 1.0 + share


def stroke(picture: Picture, start: Place, end: Place, colour: Colour, width: float) -> None:
    """A line with round ends between points in pixels."""
    scale = 1 << _SUBPIXEL
    one, other = (
        (round(float(x) * scale), round(float(y) * scale)) for x, y in (start[:2], end[:2])
    )
    cv2.line(picture, one, other, colour, max(1, round(width)), cv2.LINE_AA, _SUBPIXEL)


def dot(picture: Picture, at: Place, radius: float, colour: Colour) -> None:
    """A filled circle."""
    scale = 1 << _SUBPIXEL
    centre = (round(float(at[0]) * scale), round(float(at[1]) * scale))
    cv2.circle(picture, centre, round(radius * scale), colour, -1, cv2.LINE_AA, _SUBPIXEL)


def card(
    picture: Picture, left: int, top: int, width: int, height: int, colour: Colour = CARD
) -> None:
    """A filled rectangle with round corners."""
    radius = 14
    right, bottom = left + width - 1, top + height - 1
    cv2.rectangle(picture, (left + radius, top), (right - radius, bottom), colour, -1)
    cv2.rectangle(picture, (left, top + radius), (right, bottom - radius), colour, -1)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(picture, (x, y), radius, colour, -1, cv2.LINE_AA)


def write(
    picture: Picture,
    text: str,
    at: Point,
    size: int,
    colour: Colour = TEXT,
    *,
    weight: int = 500,
    align: int = cv2.PUT_TEXT_ALIGN_LEFT,
) -> None:
    """Letters on a line that begins, ends or is centred at a point of its base."""
    cv2.putText(picture, text, at, colour, _FACE, size, weight, align)


def width_of(text: str, size: int, weight: int = 500) -> int:
    """Pixels that a line takes."""
    return int(cv2.getTextSize((0, 0), text, (0, 0), _FACE, size, weight)[2])


def fitting(text: str, size: int, most: int, weight: int = 500) -> str:
    """The line, or as much of it as takes no more than `most` pixels, with an ellipsis."""
    if width_of(text, size, weight) <= most:
        return text
    while text and width_of(f"{text}…", size, weight) > most:
        text = text[:-1]
    return f"{text.rstrip()}…"
