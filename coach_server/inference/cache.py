"""Models on disk: a blob named by its content, and a manifest that points to it.

A blob is a converted model, or the weights of one that is compiled here.
Both are written under a temporary name and renamed, the manifest last. So a reader sees a whole
model or none, and processes that write at once only replace one good manifest by another.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from coach_server.errors import EngineError
from coach_server.files import write_whole
from coach_server.inference.downloads import matches
from coach_server.inference.keypoint_rcnn.weights import WEIGHTS_VERSION
from coach_server.inference.recipe import PackageSource, Recipe, UrlSource
from coach_server.inference.tflite.convert import CONVERTER_VERSION

log = structlog.get_logger(__name__)


class _Manifest(BaseModel):
    """Which blob holds a model, and what it was made from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    blob: str
    blob_sha256: str
    source_sha256: str
    source_md5: str = ""
    converter: int


class EngineCache:
    """The folder of converted models.

    Args:
        cache: the cache folder of the settings; ours is `engines` below it, made when needed.
    """

    def __init__(self, cache: Path) -> None:
        self.folder = cache / "engines"

    def has(self, recipe: Recipe) -> bool:
        """Whether the model seems to be there; its content is checked by `load`."""
        manifest = self._manifest(recipe)
        return manifest is not None and (self.folder / manifest.blob).is_file()

    def load(self, recipe: Recipe) -> bytes | None:
        """The model, checked; None where it must be fetched (again).

        Raises:
            EngineError: the folder cannot be read.
        """
        manifest = self._manifest(recipe)
        if manifest is None:
            return None
        try:
            content = (self.folder / manifest.blob).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error
        if hashlib.sha256(content).hexdigest() != manifest.blob_sha256:
            log.warning("a cached model is damaged and will be fetched again", model=recipe.name)
            return None
        return content

    def prepare(self) -> None:
        """Make sure that models can be kept, before any time is spent on getting them.

        Raises:
            EngineError: the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError as error:
            raise self._unusable(error) from error

    def store(self, recipe: Recipe, model: bytes, *, sha256: str, md5: str = "") -> None:
        """Keep the `model` that was made from a source; `prepare` has been called.

        Args:
            recipe: of the model.
            model: ONNX, or packed weights.
            sha256: of what it was made from.
            md5: of the same, where the source is known by that.

        Raises:
            EngineError: the folder cannot be written.
        """
        before = self._manifest(recipe)
        if before is not None and before.source_sha256 != sha256:
            log.warning("a model comes from another file than before", model=recipe.name)
        digest = hashlib.sha256(model).hexdigest()
        manifest = _Manifest(
            name=recipe.name,
            blob=f"{recipe.name}-{digest[:16]}.{'npz' if recipe.rcnn else 'onnx'}",
            blob_sha256=digest,
            source_sha256=sha256,
            source_md5=md5,
            converter=_converter(recipe),
        )
        try:
            write_whole(self.folder / manifest.blob, model)
            write_whole(self._manifest_path(recipe), manifest.model_dump_json(indent=2).encode())
        except OSError as error:
            raise self._unusable(error) from error

    def _manifest_path(self, recipe: Recipe) -> Path:
        return self.folder / f"{recipe.name}.json"

    def _manifest(self, recipe: Recipe) -> _Manifest | None:
        """The manifest, where it is of this recipe and this converter."""
        try:
            manifest = _Manifest.model_validate(
                json.loads(self._manifest_path(recipe).read_bytes())
            )
        except FileNotFoundError:
            return None
        except (ValueError, ValidationError):
            log.warning("the manifest of a cached model is damaged", model=recipe.name)
            return None
        except OSError as error:
            raise self._unusable(error) from error
        known = any(_is_of(source, manifest) for source in recipe.sources)
        current = manifest.converter == _converter(recipe) and known
        # A blob is a plain name: a manifest that points elsewhere is not ours.
        return manifest if current and Path(manifest.blob).name == manifest.blob else None

    def _unusable(self, error: OSError) -> EngineError:
        return EngineError(
            f"the models' folder {self.folder} cannot be used: {error.strerror or error}",
            hint="make it writable, or set COACH_CACHE to a folder that is",
        )


def _converter(recipe: Recipe) -> int:
    """The version of the code that makes of a source what is kept."""
    return WEIGHTS_VERSION if recipe.rcnn else CONVERTER_VERSION


def _is_of(source: PackageSource | UrlSource, manifest: _Manifest) -> bool:
    if isinstance(source, UrlSource):
        return matches(source, manifest.source_sha256, manifest.source_md5)
    return source.sha256 == manifest.source_sha256
