"""How errors go on in time and go together: sums of first-order autoregressive Gaussian chains.

Every channel (an error of one joint in one direction, a score) has mean 0 and variance 1. A few
chains of different memory, each with its own covariance between channels, add up to it: what
changes from frame to frame, what lasts a moment, and what stays while a pose does.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.signal import lfilter

from scripts.studio.rotations import Array

LAGS: Final = (0, 1, 2, 3, 5, 8, 12, 20, 30, 45, 60)
"""Frames apart at which covariances are measured."""
MEMORIES: Final = ((1.0, 2.0, 4.0), (8.0, 15.0, 25.0), (60.0, 150.0, 400.0))
"""Frames after which a chain is down to 1/e: one is chosen of each row; a chain of none besides."""
RANK: Final = 24
"""Of the covariance of one chain, beside what each channel has alone."""


@dataclass(frozen=True, slots=True)
class Chains:
    """K chains of N channels.

    Attributes:
        keep: (K,) the share of a chain that is left a frame later.
        shared: (K, N, RANK) factors of the covariance of each chain.
        own: (K, N) standard deviations of what is each channel's own.
    """

    keep: Array
    shared: Array
    own: Array

    def draw(self, rng: np.random.Generator, batch: int, frames: int) -> NDArray[np.float32]:
        """(batch, frames, N) standard normal, the longer the memory the slower."""
        _, channels, rank = self.shared.shape
        drawn = np.zeros((batch, frames, channels), np.float32)
        for keep, shared, own in zip(self.keep, self.shared, self.own, strict=True):
            common = _chain(rng, keep, (batch, frames, rank))
            drawn += common @ shared.T.astype(np.float32)
            drawn += _chain(rng, keep, (batch, frames, channels)) * own.astype(np.float32)
        return drawn


def fit_chains(values: Array, weights: Array, sequence: NDArray[np.intp], mirror: Array) -> Chains:
    """The chains of what was measured.

    Args:
        values: (T, N) about normal; NaN where nothing was measured, in all of a frame or none.
        weights: (T, N) of values where channels are compared: those of large errors are large.
        sequence: (T,) of which each frame is; the frames of one follow each other.
        mirror: (N, N) what becomes of the channels when left and right are exchanged; people and
            their mirror images are taken to be equally likely.
    """
    measured = [_covariance(values * weights, weights, sequence, lag) for lag in LAGS]
    measured = [(c + mirror @ c @ mirror.T) / 2.0 for c in measured]
    curves = np.stack([np.diag(c) for c in measured])
    best, kept, shares = np.inf, np.zeros(1), np.zeros((1, len(mirror)))
    for memories in product(*MEMORIES):
        keep = np.append(0.0, np.exp(-1.0 / np.array(memories)))
        fitted = [nnls(_decays(keep), curve) for curve in curves.T]
        off = sum(error**2 for _, error in fitted)
        if off < best:
            best, kept, shares = off, keep, np.stack([share for share, _ in fitted], axis=1)
    covariances = np.einsum("kl,lij->kij", np.linalg.pinv(_decays(kept)), np.stack(measured))
    return _factored(kept, covariances, shares / shares.sum(axis=0))


def _decays(keep: Array) -> Array:
    """(LAGS, K) what is left of chains after the lags."""
    return np.stack([keep**lag for lag in LAGS])


def _covariance(values: Array, weights: Array, sequence: NDArray[np.intp], lag: int) -> Array:
    """(N, N) of frames that are `lag` apart, symmetric, of values times their weights."""
    known = ~np.isnan(values[:, 0])
    end = len(values) - lag
    pairs = known[:end] & known[lag:] & (sequence[:end] == sequence[lag:])
    moment = values[:end][pairs].T @ values[lag:][pairs]
    weight = weights[:end][pairs].T @ weights[lag:][pairs]
    covariance: Array = (moment + moment.T) / np.maximum(weight + weight.T, 1e-9)
    return covariance


def _factored(keep: Array, covariances: Array, shares: Array) -> Chains:
    """Chains of the nearest covariances that there can be.

    What is measured by chance has positive and negative parts, of which only the positive ones can
    be; so the variance of each channel is dealt out to the chains by `shares` (K, N).
    """
    count, channels, _ = covariances.shape
    rank = min(RANK, channels)
    shared, own = np.zeros((count, channels, rank)), np.zeros((count, channels))
    for k, covariance in enumerate(covariances):
        sizes, axes = np.linalg.eigh((covariance + covariance.T) / 2.0)
        sizes = np.maximum(sizes, 0.0)
        shared[k] = axes[:, -rank:] * np.sqrt(sizes[-rank:])
        rest = np.einsum("ij,j,ij->i", axes[:, :-rank], sizes[:-rank], axes[:, :-rank])
        total = np.sum(shared[k] ** 2, axis=1) + rest
        scale = np.sqrt(shares[k] / np.maximum(total, 1e-9))
        shared[k] *= scale[:, None]
        own[k] = np.sqrt(np.maximum(rest, 0.0)) * scale
    return Chains(keep, shared, own)


def _chain(
    rng: np.random.Generator, keep: float, shape: tuple[int, int, int]
) -> NDArray[np.float32]:
    """Independent chains along axis 1, of variance 1 from the first frame on."""
    steps = rng.standard_normal(shape, np.float32)
    if keep == 0.0:
        return steps
    steps[:, 1:] *= np.float32(np.sqrt(1.0 - keep**2))
    chain = lfilter([np.float32(1.0)], np.array([1.0, -keep], np.float32), steps, axis=1)
    return np.asarray(chain, np.float32)
