"""Keypoint R-CNNs are fetched from where their makers publish them, or imported from a file."""

import hashlib
import pickle
import threading
from collections.abc import Iterator
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import HTTPHandler, HTTPRedirectHandler, OpenerDirector, Request

import pytest
from pydantic import ValidationError
from support.zoo_checkpoints import zoo_state

from coach_server.errors import EngineError, InputError
from coach_server.inference import downloads, importing, pull
from coach_server.inference.cache import EngineCache
from coach_server.inference.downloads import fetched, sums
from coach_server.inference.engines import list_engines
from coach_server.inference.importing import import_engine
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights
from coach_server.inference.recipe import RcnnTable, Recipe, Recipes, Role, UrlSource
from scripts.engine_proofs.random_rcnn import random_weights

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    weights = random_weights(RcnnArchitecture(50, Zoo.DETECTRON2))
    path = tmp_path_factory.mktemp("zoo") / "model_final_a.pkl"
    path.write_bytes(pickle.dumps({"model": zoo_state(weights)}, 5))
    return path


def source(content: bytes, **changed: object) -> UrlSource:
    said = {"kind": "url", "url": "https://example.org/file.pkl"}
    said["sha256"] = hashlib.sha256(content).hexdigest()
    return UrlSource.model_validate({**said, **changed})


def recipe(of: UrlSource) -> Recipe:
    return Recipe(
        name="tiny",
        role=Role.KEYPOINTS,
        family="keypoint-rcnn",
        summary="",
        licence="",
        copyright="",
        sources=(of,),
        rcnn=RcnnTable(depth=50, zoo=Zoo.DETECTRON2),
    )


class Vendor:
    """A web server that gives `content` at every address but `/elsewhere`."""

    def __init__(self) -> None:
        vendor = self
        self.content, self.promised = b"weights", None
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                vendor.asked.append(self.path)
                if self.path == "/elsewhere":
                    self.send_response(302)
                    self.send_header("Location", "file:///etc/hostname")
                    self.end_headers()
                    return
                self.send_response(404 if self.path == "/none" else 200)
                self.send_header("Content-Length", str(vendor.promised or len(vendor.content)))
                self.end_headers()
                self.wfile.write(vendor.content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    promised: int | None

    def opener(self) -> OpenerDirector:
        """As the product's, over http, and to this server whatever is asked for."""
        port = self.server.server_address[1]

        class Here(HTTPHandler):
            def https_open(self, request: Request) -> HTTPResponse:
                request.full_url = f"http://127.0.0.1:{port}/{request.full_url.rpartition('/')[2]}"
                return self.http_open(request)

        opener: Any = downloads._https()
        opener.handle_open["https"] = []
        opener.add_handler(Here())
        assert any(isinstance(known, HTTPRedirectHandler) for known in opener.handlers)
        made: OpenerDirector = opener
        return made


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


def test_a_file_comes_whole_and_says_how_far_it_is(vendor: Vendor) -> None:
    told: list[tuple[str, int, int | None]] = []

    def progress(stage: str, done: int, total: int | None) -> None:
        told.append((stage, done, total))

    with fetched(source(b"weights"), progress, vendor.opener()) as file:
        assert file.path.read_bytes() == b"weights"
        assert (file.sha256, hashlib.md5(b"weights").hexdigest()) == sums(file.path)  # noqa: S324  # what the vendor gives
        kept = file.path
    assert told[-1] == ("downloading file.pkl", 7, 7)
    assert not kept.exists()


def test_a_makers_md5_prefix_is_looked_at(vendor: Vendor) -> None:
    digest = hashlib.md5(b"weights").hexdigest()  # noqa: S324  # what the vendor gives
    right = source(b"", sha256=None, md5_prefix=digest[:6])
    with fetched(right, None, vendor.opener()) as file:
        assert file.sha256 == hashlib.sha256(b"weights").hexdigest()
    wrong = source(b"", sha256=None, md5_prefix="0" * 6)
    with pytest.raises(EngineError, match="checksum"), fetched(wrong, None, vendor.opener()):
        pass


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "https://example.org/none"}, "404|Not Found"),
        ({"url": "https://example.org/elsewhere"}, "not allowed|unknown url|could not be fetched"),
        ({"size": 3}, "larger than 3 bytes"),
        ({"sha256": "0" * 64}, "checksum is another"),
    ],
)
def test_what_is_not_the_file_is_refused(
    vendor: Vendor, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(EngineError, match=said):  # noqa: SIM117  # one line would not fit
        with fetched(source(b"weights", **changed), None, vendor.opener()):
            pass


def test_a_file_cut_short_is_refused(vendor: Vendor) -> None:
    vendor.promised = 100
    with pytest.raises(EngineError, match="could not be fetched"):  # noqa: SIM117  # as above
        with fetched(source(b"weights"), None, vendor.opener()):
            pass


@pytest.mark.parametrize("url", ["http://example.org/a", "file:///a", "ftp://example.org/a"])
def test_nothing_but_https_is_a_source(url: str) -> None:
    with pytest.raises(ValidationError):
        source(b"", url=url)


@pytest.mark.parametrize("sums", [{"sha256": None}, {"md5_prefix": "abcdef"}])
def test_a_source_is_known_by_one_sum(sums: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="sha256, or else"):
        source(b"", **sums)


def test_offline_it_says_how_to_bring_the_file(tmp_path: Path) -> None:
    nowhere = recipe(source(b"", url="https://127.0.0.1:9/model.pkl"))
    with pytest.raises(EngineError, match="could not be fetched") as refused:
        pull.pull([nowhere], EngineCache(tmp_path))
    assert "https://127.0.0.1:9/model.pkl" in refused.value.hint
    assert "engines import FILE" in refused.value.hint


def test_what_was_fetched_is_kept_as_weights(
    vendor: Vendor, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.content = checkpoint.read_bytes()
    opener = vendor.opener()
    monkeypatch.setattr(downloads, "_https", lambda: opener)
    _, md5 = sums(checkpoint)
    tiny = recipe(source(b"", sha256=None, md5_prefix=md5[:6]))
    cache = EngineCache(tmp_path)
    packed = pull.pull([tiny], cache)["tiny"]
    weights = RcnnWeights.unpacked(packed)
    assert weights.architecture == RcnnArchitecture(50, Zoo.DETECTRON2)
    assert cache.has(tiny)
    assert pull.pull([tiny], cache)["tiny"] == packed
    assert len(vendor.asked) == 1
    assert not cache.has(recipe(source(b"", sha256=None, md5_prefix="0" * 6)))


def test_a_checkpoint_of_ones_own_becomes_an_engine(checkpoint: Path, tmp_path: Path) -> None:
    made = import_engine(tmp_path, checkpoint)
    assert made.name.startswith("imported-model-final-a-")
    recipes = Recipes.known(tmp_path)
    kept = recipes.get(made.name, Role.KEYPOINTS)
    packed = recipes.weights(kept)
    assert packed is not None
    assert RcnnWeights.unpacked(packed).architecture.depth == 50
    assert made.name in {listed.name for listed in list_engines(tmp_path)}
    assert any("GPU" in caveat for caveat in made.caveats)
    with pytest.raises(InputError, match="no filter widths"):
        import_engine(tmp_path, checkpoint, widths=(3, 3))


def test_the_very_file_that_a_recipe_would_fetch_is_kept_as_that(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256, _ = sums(checkpoint)
    known = recipe(source(b"", sha256=sha256))
    monkeypatch.setattr(importing, "_recipe_of", lambda *_: known)
    assert import_engine(tmp_path, checkpoint).name == "tiny"
    assert EngineCache(tmp_path).has(known)
