"""Holds errors drawn from a noise model against those of the detector, as tables in Markdown.

Every cell of a table has what is real, then what was drawn.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.skeleton import Coco
from scripts.studio.noise.aspect import POSTURES, VIEWS
from scripts.studio.noise.errors import EXCHANGES, LIMBS, Errors, focal_px
from scripts.studio.noise_model import NoiseModel
from scripts.studio.rotations import Array
from scripts.studio.training.corpus import Sequence

PARTS: Final[Mapping[str, list[int]]] = MappingProxyType(
    {"nose": [int(Coco.NOSE)]}
    | {
        name: [int(joint), joint + 1]
        for name, joint in {
            "eyes": Coco.LEFT_EYE,
            "ears": Coco.LEFT_EAR,
            "shoulders": Coco.LEFT_SHOULDER,
            "elbows": Coco.LEFT_ELBOW,
            "wrists": Coco.LEFT_WRIST,
            "hips": Coco.LEFT_HIP,
            "knees": Coco.LEFT_KNEE,
            "ankles": Coco.LEFT_ANKLE,
        }.items()
    }
)
ASIDE: Final = MappingProxyType(
    {"front": (0,), "front aside": (1, 7), "side": (2, 6), "back aside": (3, 5), "back": (4,)}
)
"""Views that are each other's mirror images."""
QUANTILES: Final = (0.5, 0.9, 0.99)
LAGS: Final = (1, 5, 15, 30)
SCORES: Final = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.995, 1.001)
NEAR: Final = 0.1
"""Body lengths, or metres: larger errors count as this much in correlations."""
FEW: Final = 300
"""Frames fewer than which tell nothing of quantiles."""
Row = list[str]


def said_again(
    model: NoiseModel, sequences: Iterable[Sequence], rng: np.random.Generator
) -> list[Sequence]:
    """What the model says of the same people."""
    again = []
    for sequence in sequences:
        joints = sequence.joints[None]
        said = model.sample(rng, joints, focal_px(sequence), sequence.image_size)
        again.append(
            replace(
                sequence,
                found=said.found[0],
                pixels=said.pixels[0],
                score=said.score[0],
                world=said.world[0],
            )
        )
    return again


def report(real: Errors, drawn: Errors) -> str:
    """All tables."""
    return "\n\n".join(
        [
            _of_parts(real, drawn),
            _of_views(real, drawn),
            _of_scores(real, drawn),
            _in_time(real, drawn),
            _together(real, drawn),
            _of_depth(real, drawn),
            _of_episodes(real, drawn),
        ]
    )


def _of_parts(real: Errors, drawn: Errors) -> str:
    rows = []
    for name, joints in PARTS.items():
        both = [np.linalg.norm(e.off[e.found][:, joints], axis=-1) for e in (real, drawn)]
        rows.append([name, *_quantiles(*both)])
    heads = ["error in the picture, % of body", *(f"{q:.0%}" for q in QUANTILES)]
    return _table(heads, rows)


def _of_views(real: Errors, drawn: Errors) -> str:
    rows = []
    for posture, name in enumerate(POSTURES):
        for view, cells in ASIDE.items():
            both, frames = [], 0
            for e in (real, drawn):
                here = e.found & np.isin(e.cell, [posture * len(VIEWS) + c for c in cells])
                both.append(np.linalg.norm(e.off[here, LIMBS], axis=-1))
                frames = frames or int(here.sum())
            if frames >= FEW:
                rows.append([name, view, str(frames), *_quantiles(*both)])
    heads = ["posture", "view", "frames", *(f"{q:.0%}" for q in QUANTILES)]
    return _table(heads, rows)


def _of_scores(real: Errors, drawn: Errors) -> str:
    rows = []
    for low, high in pairwise(SCORES):
        both, shares = [], []
        for e in (real, drawn):
            score = e.score[e.found][:, LIMBS]
            within = (score >= low) & (score < high)
            both.append(np.linalg.norm(e.off[e.found][:, LIMBS], axis=-1)[within])
            shares.append(f"{within.mean():.1%}")
        rows.append([f"{low:g} to {min(high, 1.0):g}", " / ".join(shares), *_quantiles(*both)])
    heads = ["score", "share", *(f"{q:.0%}" for q in QUANTILES)]
    return _table(heads, rows)


def _in_time(real: Errors, drawn: Errors) -> str:
    def channels(e: Errors) -> dict[str, Array]:
        far = np.linalg.norm(e.off, axis=-1)
        return {
            "across": np.clip(e.off[..., 0], -NEAR, NEAR)[:, LIMBS],
            "along": np.clip(e.off[..., 1], -NEAR, NEAR)[:, LIMBS],
            "further off than 10 %": (far > NEAR)[:, LIMBS].astype(float),
            "depth": np.clip(e.world[..., 2] - e.depth, -5 * NEAR, 5 * NEAR)[:, LIMBS],
            "score": e.score[:, LIMBS],
        }

    of_both = channels(real), channels(drawn)
    rows = []
    for name in of_both[0]:
        pairs = [
            [_lagged(c[name], e, lag) for c, e in zip(of_both, (real, drawn), strict=True)]
            for lag in LAGS
        ]
        rows.append([name, *(f"{a:.2f} / {b:.2f}" for a, b in pairs)])
    return _table(["correlation after", *(f"{lag} frames" for lag in LAGS)], rows)


def _together(real: Errors, drawn: Errors) -> str:
    pairs = {
        "shoulder, elbow": (Coco.LEFT_SHOULDER, Coco.LEFT_ELBOW),
        "elbow, wrist": (Coco.LEFT_ELBOW, Coco.LEFT_WRIST),
        "hip, knee": (Coco.LEFT_HIP, Coco.LEFT_KNEE),
        "knee, ankle": (Coco.LEFT_KNEE, Coco.LEFT_ANKLE),
        "hip, hip": (Coco.LEFT_HIP, Coco.RIGHT_HIP),
        "shoulder, shoulder": (Coco.LEFT_SHOULDER, Coco.RIGHT_SHOULDER),
    }
    rows = []
    for name, (one, other) in pairs.items():
        cells = []
        for way in range(3):
            found = []
            for e in (real, drawn):
                deep = (e.world[..., 2] - e.depth)[..., None]
                wrong = np.concatenate([np.clip(e.off, -NEAR, NEAR), deep], axis=-1)[e.clear]
                found.append(np.corrcoef(wrong[:, one, way], wrong[:, other, way])[0, 1])
            cells.append(f"{found[0]:.2f} / {found[1]:.2f}")
        rows.append([name, *cells])
    return _table(["correlation of", "across", "along", "depth"], rows)


def _of_depth(real: Errors, drawn: Errors) -> str:
    rows = []
    for name, joints in PARTS.items():
        for view, cells in ASIDE.items():
            of_view = [e.clear & np.isin(e.cell % len(VIEWS), cells) for e in (real, drawn)]
            if min(here.sum() for here in of_view) < FEW:
                continue
            both, slopes = [], []
            for e, here in zip((real, drawn), of_view, strict=True):
                said, true = e.world[here][:, joints, 2], e.depth[here][:, joints]
                both.append(np.abs(said - true))
                slopes.append(f"{np.polyfit(true.ravel(), said.ravel(), 1)[0]:.2f}")
            rows.append([name, view, " / ".join(slopes), *_quantiles(*both)])
    heads = ["error of depth, cm", "view", "said for true", *(f"{q:.0%}" for q in QUANTILES)]
    return _table(heads, rows)


def _of_episodes(real: Errors, drawn: Errors) -> str:
    of_both = _episodes(real), _episodes(drawn)
    rows = []
    for name in of_both[0]:
        cells = []
        for views in ASIDE.values():
            shares = []
            for e, is_on in zip((real, drawn), of_both, strict=True):
                of_view = np.isin(e.cell % len(VIEWS), views)
                shares.append(f"{100.0 * is_on[name][of_view].sum() / max(of_view.sum(), 1):.1f}")
            cells.append(" / ".join(shares))
        lasts = []
        for is_on in of_both:
            begins = is_on[name] & ~np.append(False, is_on[name][:-1])
            lasts.append(is_on[name].sum() / max(begins.sum(), 1))
        rows.append([name, *cells, f"{lasts[0]:.1f} / {lasts[1]:.1f}"])
    return _table(["% of frames", *ASIDE, "frames on end"], rows)


def _episodes(e: Errors) -> dict[str, NDArray[np.bool_]]:
    """What comes and goes, (T,) whether it is."""
    episodes = {
        f"{name} exchanged": e.found & (e.exchanged == i) for i, name in enumerate(EXCHANGES, 1)
    }
    episodes["body seen elsewhere"] = e.elsewhere
    episodes["nobody found"] = ~e.found
    return episodes


def _lagged(values: Array, e: Errors, lag: int) -> float:
    """Correlation after `lag` frames, the mean of all joints, about the mean of each."""
    pairs = e.clear[:-lag] & e.clear[lag:] & (e.sequence[:-lag] == e.sequence[lag:])
    centred = values - values[e.clear].mean(axis=0)
    before, after = centred[:-lag][pairs], centred[lag:][pairs]
    return float(np.mean(before * after) / np.mean((before**2 + after**2) / 2.0))


def _quantiles(real: Array, drawn: Array) -> Row:
    """Hundredths of the unit."""
    if not (real.size and drawn.size):
        return ["-"] * len(QUANTILES)
    pairs: Array = 100.0 * np.array([np.quantile(x, QUANTILES) for x in (real, drawn)])
    return [f"{a:.1f} / {b:.1f}" for a, b in pairs.T]


def _table(heads: Row, rows: list[Row]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
