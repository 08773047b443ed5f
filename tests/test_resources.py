"""What comes with the package is found in a checkout and in an installed wheel."""

from pathlib import Path

import pytest

from coach_server import resources
from coach_server.errors import InternalError

pytestmark = pytest.mark.unit


def test_in_a_checkout() -> None:
    assert (resources.packaged("engines") / "blazepose-full.toml").is_file()
    assert (resources.packaged("static") / "index.html").is_file()


def test_in_an_installed_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "coach_server"
    (package / "_data" / "engines").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resources.packaged("engines") == package / "_data" / "engines"
    with pytest.raises(InternalError, match="lacks its static folder"):
        resources.packaged("static")
