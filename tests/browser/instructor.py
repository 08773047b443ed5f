"""What the demo's instructor does in space, and the page's modules that draw it."""

from typing import Any

import numpy as np
from browser.server_process import ROOT
from numpy.typing import NDArray
from playwright.sync_api import Page

Joints = NDArray[np.float64]


def call(page: Page, module: str, body: str, argument: object = None) -> Any:
    """The value of an async function's `body`, in which `m` is the module and `a` the argument."""
    path = f"/static/js/figures/{module}.js"
    return page.evaluate(f"async (a) => {{ const m = await import('{path}'); {body} }}", argument)


def instructor_poses() -> Joints:
    """(T, 17, 3) two rows a second."""
    with np.load(ROOT / "static" / "demo" / "routine" / "track.npz") as track:
        return np.asarray(track["joints"][::15], np.float64)


def flat(joints: Joints) -> list[float]:
    return [float(value) for value in joints.ravel()]
