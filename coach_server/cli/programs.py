"""The programs that tests talk to, installed where that is allowed.

`./coach test` runs this file by itself while the packages are installed: it needs none of them.
"""

import os
import shutil
import subprocess
import sys
from typing import Final

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
"""Names under which a Chromium is found."""

FIREFOXES: Final = ("firefox-esr", "firefox")
"""Names under which a Firefox is found."""

NEEDED: Final = {"Chromium": BROWSERS, "Firefox": FIREFOXES, "Redis": ("redis-server",)}
"""Each program with the names under which it is found."""

DEBIAN: Final = ("chromium", "fonts-dejavu-core", "libegl1", "libgl1-mesa-dri", "redis-server")
"""Debian's packages of them, and of what browser and studio need to draw."""

DEBIAN_FIREFOX: Final = ("firefox-esr", "libavcodec-extra")
"""Debian's packages of Firefox and of what it plays films with: other systems call it otherwise."""


def missing() -> list[str]:
    """The programs that are not here."""
    return [name for name, known in NEEDED.items() if not any(map(shutil.which, known))]


def provide() -> list[str]:
    """Install what is missing, where this is Debian and we are root; gives what is missing yet."""
    apt = shutil.which("apt-get")
    if not missing() or apt is None or os.geteuid() != 0:
        return missing()
    sys.stderr.write(f"coach: installing {' and '.join(missing())} for the tests\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    environment["RUNLEVEL"] = "1"  # Redis is not started as a service: tests start their own
    install = ["install", "-y", "--no-install-recommends"]
    for step in (["update"], [*install, *DEBIAN], [*install, *DEBIAN_FIREFOX]):
        done = subprocess.run(  # noqa: S603  # no shell; fixed arguments
            [apt, "-qq", *step], check=False, env=environment, stdout=subprocess.DEVNULL
        )
        if done.returncode:
            break
    return missing()


if __name__ == "__main__":
    provide()
