"""Fits a noise model to the errors of a detector."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.special import ndtri

from coach_server.body.skeleton import JOINTS
from scripts.studio.noise import tables
from scripts.studio.noise.aspect import CELLS, VIEWS
from scripts.studio.noise.chains import fit_chains
from scripts.studio.noise.episodes import fit_episodes
from scripts.studio.noise.errors import (
    EXCHANGES,
    GROUP_OF,
    GROUPS,
    MIRROR,
    Errors,
    Observed,
    errors,
    face_of,
)
from scripts.studio.noise_model import (
    A_JOINT,
    CHANNELS,
    DOUBTS_AT,
    PICTURE,
    SCORE,
    SCORES_AT,
    SIZES_AT,
    SPACE,
    TURNS_AT,
    NoiseModel,
    doubts,
)
from scripts.studio.rotations import Array

UNIT_AT: Final = 0.75
"""The quantile of the size of errors that is their unit."""
RANKS: Final = (0.0005, 0.9995)
"""The lowest rank that is taken for a standard normal, and the highest."""
LARGE: Final = 3.0
"""Trouble of more than this counts as so much where it is measured how errors go together."""
LEAST: Final = 1e-3
"""Trouble is never less."""
BURST: Final = 3.0
"""Frames (one sigma) over which it is told how badly a group of joints is seen."""
FACTORS: Final = (-1.0, 1.0, -1.0, 1.0, 1.0, 1.0)
"""What becomes of the channels of a joint in a mirror."""
MIRRORED_GROUPS: Final = [0, 1, 3, 2, 5, 4]


def fit(given: Observed, source: Mapping[str, str | int]) -> NoiseModel:
    """The model of what was observed.

    Errors are those of people and of their mirror images: left and right come out alike.
    """
    face = face_of(given)
    once = errors(given, face)
    both = once.and_(once.mirrored())
    clear, view = both.clear, both.cell % len(VIEWS)
    cell, score = both.cell[clear], both.score[clear]
    bias = tables.locations(both.off[clear], cell)
    wrong = both.off[clear] - bias[cell]
    spread = np.quantile(np.abs(wrong), UNIT_AT, axis=0)
    wrong /= spread
    doubt = _doubt(np.abs(wrong).mean(axis=-1), score)
    lost = both.elsewhere[clear]
    wrong /= np.where(lost[:, None], 1.0, doubts(doubt, score))[..., None]
    troubled = _trouble(wrong, both.sequence[clear])
    trouble = tables.quantiles(troubled[~lost], cell[~lost], SIZES_AT)
    trouble_lost = np.quantile(troubled[lost] if lost.any() else troubled, SIZES_AT, axis=0).T
    # Trouble while the body is lost is ranked by a table of its own, as if it were a cell.
    trouble_cell = np.where(lost, CELLS, cell)
    troubles = np.concatenate([trouble, trouble_lost[None]])
    known = _known(both.seen, both.depth)[clear]
    space = tables.regressions(known, both.world[clear], view[clear], len(VIEWS))
    wrong_deep = both.world[clear] - _told(space, view[clear], known)
    deep = tables.quantiles(np.abs(wrong_deep), cell, SIZES_AT)
    scores = tables.quantiles(score, cell, SCORES_AT)
    turns = np.quantile(both.turn[clear], TURNS_AT)
    own = slice(0, int(once.clear.sum()))  # the mirror images are in the chains by themselves
    shape = (own.stop, JOINTS, A_JOINT)
    by_joint, weights = np.empty(shape), np.ones(shape)
    by_joint[..., PICTURE] = wrong[own] / troubled[own][:, GROUP_OF, None]
    by_joint[..., SPACE] = _either_sign(wrong_deep[own], cell[own], deep)
    by_joint[..., SCORE] = _normal(score[own], cell[own], scores, SCORES_AT)
    weights[..., PICTURE] = np.minimum(troubled[own], LARGE)[:, GROUP_OF, None]
    latents = np.full((len(once.cell), CHANNELS), np.nan)
    weighed = np.ones_like(latents)
    weighed[once.clear, : JOINTS * A_JOINT] = weights.reshape(own.stop, -1)
    latents[once.clear] = np.column_stack(
        [
            by_joint.reshape(own.stop, -1),
            _normal(troubled[own], trouble_cell[own], troubles, SIZES_AT),
            np.interp(both.turn[clear][own], turns, ndtri(TURNS_AT)),
        ]
    )
    return NoiseModel(
        source=source,
        face=face,
        bias=bias,
        spread=spread,
        doubt=doubt,
        trouble=trouble,
        elsewhere=fit_episodes(both.elsewhere, both.sequence, both.cell, CELLS),
        trouble_elsewhere=trouble_lost,
        space=space,
        deep=deep,
        turns=turns,
        scores=scores,
        chains=fit_chains(latents, weighed, once.sequence, _mirror()),
        exchanges={
            name: fit_episodes(both.exchanged == i, both.sequence, both.cell, CELLS)
            for i, name in enumerate(EXCHANGES, start=1)
        },
        exchanged_depth=_exchanged_depth(both, space),
        misses=fit_episodes(~both.found, both.sequence, both.cell, CELLS),
    )


def _doubt(sizes: Array, score: Array) -> Array:
    """(17, 8) see `NoiseModel.doubt`; (T, 17) sizes of errors, in their unit."""
    edges = (DOUBTS_AT[1:] + DOUBTS_AT[:-1]) / 2.0
    level = np.searchsorted(edges, score)
    at = np.array([UNIT_AT])
    doubt = np.empty((JOINTS, len(DOUBTS_AT)))
    for j in range(JOINTS):
        found = tables.quantiles(sizes[:, j], level[:, j], at, len(DOUBTS_AT))[:, 0]
        doubt[j] = found / np.quantile(sizes[:, j], UNIT_AT)
    return doubt


def _trouble(wrong: Array, sequence: NDArray[np.intp]) -> Array:
    """(T, 6) the root mean square of errors (T, 17, 2) of each group, over a moment."""
    squares = np.sum(wrong**2, axis=-1) / 2.0
    of_groups = np.stack([squares[:, g == GROUP_OF].mean(axis=1) for g in range(len(GROUPS))], 1)
    starts = np.flatnonzero(np.append(True, sequence[1:] != sequence[:-1]))
    for part in np.split(of_groups, starts[1:]):
        part[:] = gaussian_filter1d(part, BURST, axis=0, mode="nearest")
    trouble: Array = np.maximum(np.sqrt(of_groups), LEAST)
    return trouble


def _normal(values: Array, cell: tables.Index, kept: Array, at: Array) -> Array:
    """The standard normals of values (T, ...) by their ranks in quantiles (CELLS, ..., Q)."""
    ranks = np.empty(values.shape)
    for c in np.unique(cell):
        here = cell == c
        ranks[here] = tables.ranks(values[here], kept[c], at)
    return np.asarray(ndtri(np.clip(ranks, *RANKS)), np.float64)


def _either_sign(values: Array, cell: tables.Index, sizes: Array) -> Array:
    """The same by the ranks of their sizes, which have either sign as often."""
    chance = np.empty(values.shape)
    for c in np.unique(cell):
        here = cell == c
        chance[here] = tables.ranks(np.abs(values[here]), sizes[c], SIZES_AT)
    normal = ndtri(np.minimum(0.5 + chance / 2.0, RANKS[1]))
    signed: Array = np.copysign(normal, values)
    return signed


def _known(seen: Array, depth: Array) -> Array:
    """(T, 17, 4) what the detector's own 3D is told from: see `NoiseModel.space`."""
    known: Array = np.concatenate([np.ones((*depth.shape, 1)), seen, depth[..., None]], axis=-1)
    return known


def _told(space: Array, view: tables.Index, known: Array) -> Array:
    """(T, 17, 3) the detector's own 3D as `NoiseModel.space` has it."""
    told = np.empty((*known.shape[:2], 3))
    for v in range(len(VIEWS)):
        told[view == v] = np.einsum("jwk,tjk->tjw", space[v], known[view == v])
    return told


def _exchanged_depth(both: Errors, space: Array) -> Array:
    """(3,) see `NoiseModel.exchanged_depth`; 1 where nothing was exchanged."""
    shares = []
    for i, rows in enumerate(EXCHANGES.values(), start=1):
        at = both.found & (both.exchanged == i)
        known = _known(both.seen[at][:, MIRROR], both.depth[at])
        right = _told(space, both.cell[at] % len(VIEWS), known)[:, MIRROR[rows], 2]
        square = float(np.sum(right**2))
        said = both.world[at][:, rows, 2]
        shares.append(float(np.sum(said * right)) / square if square > 0.0 else 1.0)
    return np.array(shares)


def _mirror() -> Array:
    """(CHANNELS, CHANNELS) what exchanges left and right in them."""
    mirror = np.zeros((CHANNELS, CHANNELS))
    joints = slice(0, JOINTS * A_JOINT)
    groups = slice(joints.stop, CHANNELS - 1)
    mirror[joints, joints] = np.kron(np.eye(JOINTS)[MIRROR], np.diag(FACTORS))
    mirror[groups, groups] = np.eye(len(GROUPS))[MIRRORED_GROUPS]
    mirror[-1, -1] = -1.0
    return mirror
