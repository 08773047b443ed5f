"""Where the files lie that come with the package: model recipes and the pages."""

from pathlib import Path
from typing import Literal

from coach_server.errors import InternalError

_PACKAGE = Path(__file__).resolve().parent


def packaged(name: Literal["engines", "static"]) -> Path:
    """The folder `name`: inside an installed wheel, or beside the package in a checkout.

    Raises:
        InternalError: the installation lacks it.
    """
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        if (root / name).is_dir():
            return root / name
    raise InternalError(
        f"this installation lacks its {name} folder",
        hint="install coach-server again",
    )
