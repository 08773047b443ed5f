"""The static Keypoint R-CNN against Detectron2's own, with the same random weights."""

import pickle
from pathlib import Path

import pytest

pytest.importorskip(
    "detectron2", reason="Detectron2 is installed by hand; the README has the lines"
)

import numpy as np
import torch
from support.zoo_checkpoints import zoo_state
from torch import Tensor
from torch.nn.functional import interpolate

from coach_server.inference.batching.engine import Direct
from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.keypoint_rcnn.detectron2_predictor import (
    Detectron2Engine,
    Detectron2Predictor,
    built_model,
)
from coach_server.inference.keypoint_rcnn.weights import RcnnWeights, read_rcnn
from coach_server.inference.torch_graphs.one_person_rcnn import OnePersonRcnn, Proposing
from scripts.engine_proofs.random_rcnn import random_weights

QUIET = pytest.mark.filterwarnings("ignore")  # Detectron2 rests on much that is deprecated
pytestmark = [pytest.mark.proof, pytest.mark.timeout(900), QUIET]

LANDSCAPE, PORTRAIT = (480, 640), (640, 480)


def picture(seed: int, canvas: tuple[int, int]) -> Tensor:
    """(1, 3, H, W) RGB, 0..255: soft blobs, and grain."""
    generator = torch.Generator().manual_seed(seed)
    blobs = interpolate(torch.rand(1, 3, 15, 20, generator=generator), size=canvas, mode="bicubic")
    grain = torch.rand(1, 3, *canvas, generator=generator)
    return (blobs * 0.9 + grain * 0.1).clamp(0, 1) * 255


@pytest.mark.parametrize("form", ["pkl", "pth"])
@torch.inference_mode()
def test_a_checkpoint_gives_the_features_of_detectron2(tmp_path: Path, form: str) -> None:
    """Its own model loads the checkpoint as it is, BatchNorms and all; ours reads and folds it."""
    wanted = random_weights(RcnnArchitecture(50, Zoo.DETECTRON2))
    state = zoo_state(wanted)
    theirs = built_model(wanted, "cpu")
    tensors = {name: torch.tensor(np.ascontiguousarray(array)) for name, array in state.items()}
    assert not theirs.load_state_dict(tensors, strict=False).unexpected_keys
    path = tmp_path / f"model_final.{form}"
    if form == "pkl":
        path.write_bytes(pickle.dumps({"model": state, "__author__": "test"}, 2))
    else:
        torch.save({"model": theirs.state_dict(), "iteration": 1}, path)
    ours = OnePersonRcnn(read_rcnn(path), LANDSCAPE).eval()
    shown = picture(1, LANDSCAPE)
    asked = theirs.preprocess_image([{"image": shown[0].flip(0)}])
    expected = theirs.backbone(asked.tensor)
    worst = 0.0
    for level, features in zip(("p2", "p3", "p4", "p5", "p6"), ours.features(shown), strict=True):
        off = (features - expected[level]).abs().max() / expected[level].abs().max()
        worst = max(worst, float(off))
    print(f"\n{form}: features off by {worst:.1e} of the largest")
    assert worst < 1e-4


@torch.inference_mode()
def test_boxes_and_keypoints_are_detectron2s(thorough: bool) -> None:
    proposing = Proposing()
    boxes, keypoints, scores, sizes = [], [], [], []
    for network in range(10 if thorough else 2):
        canvas = PORTRAIT if network % 2 else LANDSCAPE
        weights = random_weights(RcnnArchitecture(50, Zoo.DETECTRON2), seed=network)
        theirs = built_model(weights, "cpu", rpn_pre=proposing.per_level, rpn_post=proposing.kept)
        ours = OnePersonRcnn(weights, canvas, proposing=proposing).eval()
        for number in range(2):
            shown = picture(100 * network + number, canvas)
            found = theirs.inference([{"image": shown[0].flip(0)}])[0]["instances"]
            points, box, score = ours(shown)
            assert len(found), "the reference found nobody: nothing is compared"
            boxes.append((box[0] - found.pred_boxes.tensor[0]).abs().max())
            off = points[0, :, :2] - found.pred_keypoints[0, :, :2]
            keypoints.append(off.norm(dim=1))
            scores.append((score[0] - found.scores[0]).abs())
            sizes.append((box[0, 2:] - box[0, :2]).prod().sqrt())
    off, size = torch.cat(keypoints), torch.stack(sizes)
    print(
        f"\n{len(boxes)} pictures, boxes of {size.min():.0f} to {size.max():.0f} px: box off by "
        f"{torch.stack(boxes).max():.5f} px at most; keypoints by {off.median():.5f} in the "
        f"median, {off.quantile(0.95):.5f} at 95 %, {off.max():.4f} at most; score by "
        f"{torch.stack(scores).max():.1e}"
    )
    assert torch.stack(boxes).max() < 0.1
    assert off.median() < 0.1
    assert torch.stack(scores).max() < 1e-3


@torch.inference_mode()
def test_boxes_end_where_a_letterboxed_picture_does() -> None:
    proposing = Proposing()
    size, canvas = (360, 640), (384, 640)
    for network in (2,):  # with which another box wins on the whole canvas
        weights = random_weights(RcnnArchitecture(50, Zoo.DETECTRON2), seed=network)
        theirs = built_model(weights, "cpu", rpn_pre=proposing.per_level, rpn_post=proposing.kept)
        ours = OnePersonRcnn(weights, canvas, proposing=proposing).eval()
        shown = picture(network, size)
        mean = torch.tensor(weights.architecture.pixel_mean).reshape(1, 3, 1, 1)
        drawn = mean.expand(1, 3, *canvas).clone()
        drawn[:, :, : size[0]] = shown
        found = theirs.inference([{"image": shown[0].flip(0)}])[0]["instances"]
        points, box, _ = ours(drawn, torch.tensor([[640.0, 360.0]]))
        assert (box[0] - found.pred_boxes.tensor[0]).abs().max() < 0.1
        off = points[0, :, :2] - found.pred_keypoints[0, :, :2]
        assert off.norm(dim=1).median() < 0.1


@torch.inference_mode()
def test_with_as_many_proposals_its_defaults_find_the_same_box() -> None:
    weights = random_weights(RcnnArchitecture(50, Zoo.DETECTRON2), seed=3)
    theirs = built_model(weights, "cpu")
    ours = OnePersonRcnn(weights, LANDSCAPE, proposing=Proposing(1000, 1000, 32)).eval()
    shown = picture(7, LANDSCAPE)
    found = theirs.inference([{"image": shown[0].flip(0)}])[0]["instances"]
    points, box, _ = ours(shown)
    assert (box[0] - found.pred_boxes.tensor[0]).abs().max() < 0.1
    assert (points[0, :, :2] - found.pred_keypoints[0, :, :2]).norm(dim=1).median() < 0.1


def test_its_predictor_says_what_the_static_graph_does() -> None:
    weights: RcnnWeights = random_weights(RcnnArchitecture(50, Zoo.DETECTRON2))
    proposing = Proposing()
    model = built_model(weights, "cpu", rpn_pre=proposing.per_level, rpn_post=proposing.kept)
    predictor = Detectron2Predictor("detectron2-r50", "d2:1", Direct(Detectron2Engine(model)))
    canvas = (800, 1056)  # it shows a frame with its shorter side at 800 pixels
    shown = picture(1, canvas).round()
    rgb = np.asarray(shown[0].permute(1, 2, 0).numpy(), np.uint8)
    seen = predictor.detect(rgb)
    assert seen is not None
    with torch.inference_mode():
        points, _, _ = OnePersonRcnn(weights, canvas, proposing=proposing).eval()(shown)
    off = np.linalg.norm(seen.pixels[:, :2] - points[0, :, :2].numpy(), axis=1)
    assert np.median(off) < 0.1
    logits = points[0, :, 2].numpy()
    np.testing.assert_allclose(seen.points[:, 2], 1 / (1 + np.exp(2 - logits)), atol=1e-3)
    assert np.isnan(seen.depth).all()
