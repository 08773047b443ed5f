"""How large a film may be: what strangers send must not fill the disk, the memory or the day."""

from dataclasses import dataclass
from typing import Final, Self

from coach_server.errors import TooLargeError
from coach_server.settings import Settings

FASTEST_FPS: Final = 60
"""Frames a second of a film that is as long as it may be."""


@dataclass(frozen=True, slots=True)
class FilmLimits:
    """What is refused beyond.

    Attributes:
        max_bytes: of the file.
        max_pixels: of a picture, as it is decoded.
        max_seconds: from the first picture to the last.
        max_frames: pictures in all.
    """

    max_bytes: int = 2 << 30
    max_pixels: int = 4096 * 2304
    max_seconds: float = 2 * 3600.0
    max_frames: int = 2 * 3600 * FASTEST_FPS

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the operator has set them."""
        seconds = settings.max_film_minutes * 60
        return cls(
            max_bytes=settings.max_film_mb << 20,
            max_seconds=seconds,
            max_frames=round(seconds * FASTEST_FPS),
        )

    def check_bytes(self, count: int, called: str) -> None:
        """Refuse a file of so many bytes.

        Raises:
            TooLargeError: it is too large.
        """
        if count > self.max_bytes:
            raise TooLargeError(
                f"{called} has more than {self.max_bytes >> 20} MB.",
                hint="Cut it, or save it at 1280 x 720 or smaller.",
            )

    def check_picture(self, width: int, height: int, called: str) -> None:
        """Refuse pictures of this size.

        Raises:
            TooLargeError: they are too large.
        """
        if width * height > self.max_pixels:
            raise TooLargeError(
                f"{called} is {width} x {height} pixels large.",
                hint="Scale it to 1920 x 1080 or smaller.",
            )

    def check_length(self, frames: int, seconds: float, called: str) -> None:
        """Refuse a film that goes on for so long.

        Raises:
            TooLargeError: it is too long.
        """
        if seconds > self.max_seconds or frames > self.max_frames:
            raise TooLargeError(
                f"{called} is longer than {self.max_seconds / 60:.0f} minutes or has more than "
                f"{self.max_frames} pictures.",
                hint="Cut it into parts.",
            )


USUAL: Final = FilmLimits()
"""Unless somebody says otherwise."""

LET_IN: Final = FilmLimits(max_bytes=1 << 50, max_seconds=1e9, max_frames=1 << 50)
"""Of films that were let in before, under whatever limits held then."""
