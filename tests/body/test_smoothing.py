"""The One Euro filter: steady when still, in time when moving."""

import numpy as np
import pytest

from coach_server.body.smoothing import OneEuro

pytestmark = pytest.mark.unit

FPS = 30


def smoothed(joints: np.ndarray, fps: float = FPS) -> np.ndarray:
    filtered = OneEuro()
    return np.array([filtered.step(frame, i / fps) for i, frame in enumerate(joints)])


@pytest.mark.parametrize("fps", [15, 30])
@pytest.mark.parametrize("step_m", [0.05, 0.1, 0.3])
def test_a_step_is_half_done_within_50_ms(step_m: float, fps: int) -> None:
    joints = np.zeros((2 * fps, 17, 3), np.float32)
    joints[fps:, :, 0] = step_m

    answer = smoothed(joints, fps)[:, 0, 0]

    half = int(np.argmax(answer > step_m / 2))
    # where between two frames half the step is passed
    share = (step_m / 2 - answer[half - 1]) / (answer[half] - answer[half - 1])
    assert (half - 1 + share - (fps - 1)) / fps <= 0.05 + 1 / fps
    assert answer[-1] == pytest.approx(step_m, abs=0.002)
    assert (answer <= step_m + 1e-6).all()  # no overshoot


def test_noise_of_someone_who_keeps_still_is_damped() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, (300, 17, 3)).astype(np.float32)

    answer = smoothed(noise)

    assert answer[30:].std(axis=0).mean() < 0.5 * noise.std(axis=0).mean()


def test_a_steady_movement_is_followed_closely() -> None:
    t = np.arange(90) / FPS
    joints = np.zeros((90, 17, 3), np.float32)
    joints[..., 1] = t[:, None]  # a metre a second

    behind_s = t[30:] - smoothed(joints)[30:, 0, 1]

    assert behind_s.max() < 0.03


def test_the_axes_of_a_joint_share_their_cutoff() -> None:
    joints = np.zeros((60, 17, 3), np.float32)
    joints[30:] = np.array([0.3, 0.03, 0.0], np.float32)

    answer = smoothed(joints)[30:40, 0]

    np.testing.assert_allclose(answer[:, 1], answer[:, 0] / 10, atol=1e-6)


def test_after_a_reset_nothing_of_the_past_shows() -> None:
    filtered = OneEuro()
    filtered.step(np.ones((17, 3), np.float32), 0.0)
    filtered.reset()

    joints = np.full((17, 3), 2.0, np.float32)
    answer = filtered.step(joints, 0.1)

    np.testing.assert_array_equal(answer, joints)
    joints += 1  # the caller's array is not kept
    np.testing.assert_array_equal(answer, np.full((17, 3), 2.0, np.float32))
