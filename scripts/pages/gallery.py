"""Pictures of pages, and what is wrong with what is on them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from browser.axe import serious_faults
from browser.chromium import Scheme
from playwright.sync_api import Page

from coach_server.errors import InternalError

FAR: Final = 0.25
"""What three metres leave of a 15 inch screen that is otherwise read from 75 cm."""

_THUMB_WIDTH: Final = 480
_COLUMNS: Final = 4


@dataclass
class Gallery:
    """Pictures of windows of one size.

    Attributes:
        folder: where they are kept.
        size: of the window, CSS pixels.
        scheme: which colours the browser prefers.
        complaints: what is cut off at the sides, and what axe finds serious.
    """

    folder: Path
    size: tuple[int, int]
    scheme: Scheme
    complaints: list[str] = field(default_factory=list)
    _taken: list[Path] = field(default_factory=list)

    def take(self, page: Page, state: str, *, whole: bool = False, far: bool = False) -> None:
        """Keep a picture of a state of a page.

        Args:
            page: as it is now.
            state: its name.
            whole: down to the end of the page, not of the window.
            far: also as it is seen from three metres.
        """
        name = f"{self.size[0]}x{self.size[1]}-{self.scheme}-{state}"
        path = self.folder / f"{name}.png"
        page.screenshot(path=path, full_page=whole)
        self._taken.append(path)
        if far:
            cv2.imwrite(str(self.folder / f"{name}-3m.png"), _smaller(_read(path), FAR))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.complaints.append(f"{name}: wider than the window")
        self.complaints += [f"{name}: {fault}" for fault in serious_faults(page)]

    def sheet(self) -> Path:
        """All of them on one sheet."""
        path = self.folder / f"sheet-{self.size[0]}x{self.size[1]}-{self.scheme}.png"
        if self._taken:
            cv2.imwrite(str(path), _sheet([self._thumb(taken) for taken in self._taken]))
        return path

    def _thumb(self, path: Path) -> np.ndarray:
        """The window's part of a picture, with its name below."""
        picture = _read(path)[: self.size[1]]
        thumb = _smaller(picture, _THUMB_WIDTH / self.size[0])
        named = cv2.copyMakeBorder(thumb, 4, 24, 4, 4, cv2.BORDER_CONSTANT, value=(90, 90, 90))
        state = path.stem.split("-", 2)[2]
        cv2.putText(
            named, state, (8, len(named) - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255)
        )
        return named


def _read(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    if picture is None:
        raise InternalError(f"{path} is no picture")
    return picture


def _smaller(picture: np.ndarray, scale: float) -> np.ndarray:
    found: np.ndarray = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return found


def _sheet(thumbs: Sequence[np.ndarray]) -> np.ndarray:
    blank = np.zeros_like(thumbs[0])
    whole = [*thumbs, *[blank] * (-len(thumbs) % _COLUMNS)]
    rows = [np.hstack(whole[at : at + _COLUMNS]) for at in range(0, len(whole), _COLUMNS)]
    return np.vstack(rows)
