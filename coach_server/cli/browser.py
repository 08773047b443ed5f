"""The browser of the browser tests, installed where that is allowed.

`./coach test` runs this file by itself while the packages are installed: it needs none of them.
"""

import os
import shutil
import subprocess
import sys
from typing import Final

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
"""Names under which a Chromium is found."""

DEBIAN: Final = ("chromium", "fonts-dejavu-core", "libegl1", "libgl1-mesa-dri")
"""What Debian calls it, and what it and the studio need to draw."""


def provide() -> bool:
    """Whether there is a browser; Debian's is installed where there is none and we are root."""
    if any(shutil.which(name) for name in BROWSERS):
        return True
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    sys.stderr.write("coach: installing Chromium for the browser tests\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", *DEBIAN]):
        done = subprocess.run(  # noqa: S603  # no shell; fixed arguments
            [apt, "-qq", *step], check=False, env=environment, stdout=subprocess.DEVNULL
        )
        if done.returncode:
            return False
    return True


if __name__ == "__main__":
    provide()
