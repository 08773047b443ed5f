"""The static Keypoint R-CNN against torchvision's eager one, with the same random weights."""

import os

import pytest

if "ENGINE_CHECK" not in os.environ:  # there its absence is a failure
    pytest.importorskip("torchvision", reason="torchvision is there in `engines check` only")

import torch
from support.torchvision_rcnn import reference
from torch import Tensor
from torch.nn.functional import interpolate

from coach_server.inference.keypoint_rcnn.architecture import RcnnArchitecture, Zoo
from coach_server.inference.torch_graphs.one_person_rcnn import OnePersonRcnn, Proposing
from scripts.engine_proofs.random_rcnn import random_weights

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]

LANDSCAPE, PORTRAIT = (480, 640), (640, 480)
NETWORK = RcnnArchitecture(50, Zoo.TORCHVISION)
PICTURES_A_NETWORK = 2
"""Other weights find boxes of other sizes and shapes."""


def picture(seed: int, canvas: tuple[int, int]) -> Tensor:
    """(1, 3, H, W) RGB, 0..1: soft blobs, and grain."""
    generator = torch.Generator().manual_seed(seed)
    blobs = torch.rand(1, 3, 15, 20, generator=generator)
    grain = torch.rand(1, 3, *canvas, generator=generator)
    return (interpolate(blobs, size=canvas, mode="bicubic") * 0.9 + grain * 0.1).clamp(0, 1)


@torch.inference_mode()
def test_boxes_and_keypoints_are_torchvisions(thorough: bool) -> None:
    proposing = Proposing()
    settings = {
        "rpn_pre_nms_top_n_test": proposing.per_level,
        "rpn_post_nms_top_n_test": proposing.kept,
    }
    boxes, keypoints, scores, sizes = [], [], [], []
    for network in range(25 if thorough else 2):
        canvas = PORTRAIT if network % 2 else LANDSCAPE
        weights = random_weights(NETWORK, seed=network)
        theirs = reference(weights, canvas, **settings)
        ours = OnePersonRcnn(weights, canvas, proposing=proposing).eval()
        for number in range(PICTURES_A_NETWORK):
            shown = picture(100 * network + number, canvas)
            expected = theirs([shown[0]])[0]
            points, box, score = ours(shown * 255)
            assert len(expected["boxes"]) == 1, "the reference found nobody: nothing is compared"
            boxes.append((box[0] - expected["boxes"][0]).abs().max())
            away = points[0, :, :2] - expected["keypoints"][0, :, :2]
            keypoints.append(away.norm(dim=1))
            scores.append((score[0] - expected["scores"][0]).abs())
            sizes.append((box[0, 2:] - box[0, :2]).prod().sqrt())
    off, all_sizes = torch.cat(keypoints), torch.stack(sizes)
    print(
        f"\n{len(boxes)} pictures, boxes of {all_sizes.min():.0f} to {all_sizes.max():.0f} px: "
        f"box off by {torch.stack(boxes).max():.5f} px at most; keypoints by {off.median():.5f} "
        f"in the median, {off.quantile(0.95):.5f} at 95 %, {off.max():.4f} at most; "
        f"score by {torch.stack(scores).max():.1e}"
    )
    assert torch.stack(boxes).max() < 0.1
    assert off.median() < 0.1
    assert torch.stack(scores).max() < 1e-3


@torch.inference_mode()
def test_fewer_proposals_than_theirs_may_miss_the_surest_box(thorough: bool) -> None:
    """With random weights objectness says nothing of persons: the worst case for few proposals."""
    canvas = LANDSCAPE
    weights = random_weights(NETWORK, seed=3)
    theirs = reference(weights, canvas)
    ours = OnePersonRcnn(weights, canvas).eval()
    wide = OnePersonRcnn(weights, canvas, proposing=Proposing(1000, 1000, 32)).eval()
    same = {"usual": 0, "as many": 0}
    count = 10 if thorough else 2
    for number in range(count):
        shown = picture(number, canvas)
        box = theirs([shown[0]])[0]["boxes"][0]
        for name, model in (("usual", ours), ("as many", wide)):
            same[name] += bool((model(shown * 255)[1][0] - box).abs().max() < 0.1)
    print(f"\nthe default reference's box, of {count}: {same}")
    assert same["as many"] == count


@torch.inference_mode()
def test_boxes_end_where_a_letterboxed_picture_does(thorough: bool) -> None:
    """Sixteen by nine on a canvas that is higher: the reference clips to the picture as well."""
    proposing = Proposing()
    settings = {
        "rpn_pre_nms_top_n_test": proposing.per_level,
        "rpn_post_nms_top_n_test": proposing.kept,
    }
    size, canvas = (360, 640), (384, 640)  # it pads to whole cells of the coarsest level
    for network in (2, 3, 6) if thorough else (2,):  # of these, others win on the whole canvas
        weights = random_weights(NETWORK, seed=network)
        theirs = reference(weights, size, **settings)
        ours = OnePersonRcnn(weights, canvas, proposing=proposing).eval()
        shown = picture(network, size)
        mean = torch.tensor(NETWORK.pixel_mean).reshape(1, 3, 1, 1)
        drawn = mean.expand(1, 3, *canvas).clone()
        drawn[:, :, : size[0]] = shown * 255
        expected = theirs([shown[0]])[0]
        points, box, score = ours(drawn, torch.tensor([[640.0, 360.0]]))
        assert (ours(drawn)[1][0] - box[0]).abs().max() > 1, "nothing is clipped: nothing is shown"
        assert (box[0] - expected["boxes"][0]).abs().max() < 0.1
        off = points[0, :, :2] - expected["keypoints"][0, :, :2]
        assert off.norm(dim=1).median() < 0.1
        assert (score[0] - expected["scores"][0]).abs() < 1e-3


@torch.inference_mode()
def test_a_batch_is_its_pictures() -> None:
    weights = random_weights(NETWORK)
    model = OnePersonRcnn(weights, (256, 320)).eval()
    shown = torch.cat([picture(n, (256, 320)) for n in range(3)]) * 255
    together = model(shown)
    for row in range(len(shown)):
        alone = model(shown[row : row + 1])
        for whole, part in zip(together, alone, strict=True):
            torch.testing.assert_close(whole[row : row + 1], part, atol=2e-3, rtol=1e-4)
