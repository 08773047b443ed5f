"""Packages that carry a model, as pip and npm bring them, without any registry."""

import base64
import hashlib
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

import pytest

from coach_server.inference.recipe import PackageSource, Recipe, Role, TensorSpec
from support.tiny_tflite import tiny_tflite

MODEL: Final = tiny_tflite()


def source(
    kind: Literal["pypi", "npm"], *, member: str = "weights/tiny.tflite", content: bytes = MODEL
) -> PackageSource:
    """A source that pins `content`."""
    return PackageSource(
        kind=kind,
        package="carrier",
        version="1.0",
        download_size=1000,
        member=member,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def recipe(*sources: PackageSource, name: str = "tiny") -> Recipe:
    """A recipe of the tiny model from these sources."""
    return Recipe(
        name=name,
        role=Role.KEYPOINTS,
        family="tiny",
        summary="a tiny model",
        licence="Apache-2.0",
        copyright="nobody",
        sources=sources,
        inputs=(TensorSpec(tensor="x", name="image", shape=(1, 2, 2, 3)),),
        outputs=(TensorSpec(tensor="y", name="answer", shape=(1, 2, 2, 3)),),
    )


def wheel(content: bytes = MODEL, *, member: str = "weights/tiny.tflite") -> bytes:
    """A wheel that pip accepts, with one member."""
    files = {
        member: content,
        "carrier-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n",
        "carrier-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()},\n"
        for name, data in files.items()
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr("carrier-1.0.dist-info/RECORD", record)
    return out.getvalue()


def tarball(content: bytes = MODEL, *, member: str = "package/tiny.tflite") -> bytes:
    """An npm package with one member."""
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        archive.addfile(info, BytesIO(content))
    return out.getvalue()


class Registries:
    """What pip and npm find: nothing, until something is published; never the network."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._wheels = folder / "wheels"
        self._bin = folder / "bin"
        self._tarball = folder / "carrier-1.0.tgz"
        self._calls = folder / "npm-calls"
        self._wheels.mkdir()
        self._bin.mkdir()
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(self._wheels))
        monkeypatch.setenv("PATH", str(self._bin))

    def publish_wheel(self, content: bytes) -> None:
        (self._wheels / "carrier-1.0-py3-none-any.whl").write_bytes(content)

    def withdraw_wheel(self) -> None:
        for path in self._wheels.iterdir():
            path.unlink()

    def publish_npm(self, content: bytes | None) -> None:
        """Make `npm pack` bring `content`, or fail where it is None."""
        npm = self._bin / "npm"
        lines = [f"#!{sys.executable}", "import pathlib, sys"]
        lines += [f"open({str(self._calls)!r}, 'a').write(' '.join(sys.argv[1:]) + chr(10))"]
        if content is None:
            lines += ["sys.exit('npm error code E404: not in this registry')"]
        else:
            self._tarball.write_bytes(content)
            copy = f"pathlib.Path({str(self._tarball)!r}).read_bytes()"
            lines += [f"pathlib.Path('carrier-1.0.tgz').write_bytes({copy})"]
        npm.write_text("\n".join(lines))
        npm.chmod(0o700)

    @property
    def npm_calls(self) -> list[str]:
        """Arguments of each call of npm."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []
