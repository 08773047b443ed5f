import numpy as np
import pytest

from coach_server.body.skeleton import Coco, H36m
from coach_server.errors import InputError
from scripts.studio.asanas import ASANAS
from scripts.studio.camera import Camera
from scripts.studio.casts import CASTS
from scripts.studio.footwork import place
from scripts.studio.performance import Performance
from scripts.studio.posing import Poser
from scripts.studio.renderer import Renderer
from scripts.studio.room import Decor, furnish
from scripts.studio.routine import DEMO
from scripts.studio.truth import film_truth, frame_truth
from scripts.studio.wardrobe import Cut, Dressed, Kind

pytestmark = pytest.mark.unit

CAMERAS = (
    Camera(yaw_deg=12.0),
    Camera(width=640, height=360, field_deg=40.0, distance_m=3.4, yaw_deg=-31.0, roll_deg=-2.0),
    Camera(roll_deg=2.0, height_m=0.6, look_at_m=1.2),
)
BALL_M = 0.03


def test_the_left_of_a_person_facing_the_camera_is_right_in_the_picture(poser: Poser) -> None:
    placed = place(poser, ASANAS["star"])
    truth = frame_truth(poser.figure, poser.pose(placed.stance, placed.pelvis), Camera())
    assert truth.joints[H36m.LEFT_WRIST, 0] > 0 > truth.joints[H36m.RIGHT_WRIST, 0]
    assert truth.joints[H36m.HEAD, 1] < 0 < truth.joints[H36m.LEFT_ANKLE, 1]
    assert truth.joints[H36m.PELVIS] == pytest.approx(np.zeros(3))
    assert truth.keypoints[Coco.LEFT_WRIST, 0] > 320 > truth.keypoints[Coco.RIGHT_WRIST, 0]
    # the nose is before the middle of the head: nearer to the camera
    assert truth.keypoints[Coco.NOSE, 1] < truth.keypoints[Coco.LEFT_SHOULDER, 1]


def test_a_step_towards_the_camera_lessens_z() -> None:
    near, far = CAMERAS[0].to_camera(np.array([[0.0, 1.0, 0.5], [0.0, 1.0, -0.5]]))
    assert 0 < near[2] < far[2]


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("point", [(0.0, 1.0, 0.0), (0.9, 1.7, 0.1), (-0.8, 0.2, -0.3)])
def test_truth_lies_where_the_renderer_draws(
    point: tuple[float, float, float], camera: Camera
) -> None:
    ball = _ball(np.array(point))
    try:
        renderer = Renderer(camera, Decor(), furnish(Decor()), ball)
    except InputError as error:
        pytest.skip(f"no EGL: {error.message}")
    feet = np.zeros((2, 3))
    normals = ball.rest - np.array(point)
    with_ball = renderer.draw(ball.rest, normals / BALL_M, feet).astype(np.float64)
    renderer.close()
    # pure red, which nothing in the room is: the share of each pixel that the ball covers
    weight = np.clip(with_ball[..., 0] - with_ball[..., 1] - 90.0, 0.0, 30.0)
    rows, columns = np.indices(weight.shape)
    drawn = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum() + 0.5
    assert np.linalg.norm(drawn - camera.to_pixels(np.array(point))) < 0.5


def test_film_truth_names_the_four_cues(poser: Poser) -> None:
    casting = CASTS["student_faults"]
    known = film_truth(Performance(poser, DEMO, casting.manner), DEMO, casting.camera)
    cues = [(f["joint"], f["side"], f["direction"]) for f in known["faults"]]
    assert cues == [
        ("shoulder", "right", "raise"),
        ("knee", "right", "bend"),
        ("trunk", "center", "lean_left"),
        ("shoulder", "left", "raise"),
    ]
    assert [len(known["holds"]), known["faults"][0]["pose"]] == [13, "star"]
    for fault in known["faults"]:
        hold = next(h for h in known["holds"] if h["pose"] == fault["pose"])
        assert hold["start"] <= fault["start"] < fault["end"] <= hold["end"]


def _ball(centre: np.ndarray) -> Dressed:
    """A red ball small enough that its outline's middle is its own."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, 9), np.linspace(0, 2 * np.pi, 17))
    ring = np.sin(polar)
    points = np.stack([ring * np.cos(around), np.cos(polar), ring * np.sin(around)], axis=-1)
    rest = centre + BALL_M * points.reshape(-1, 3)
    corner = (np.arange(16)[:, None] * 9 + np.arange(8)).ravel()
    first = np.stack([corner, corner + 1, corner + 10], axis=1)
    second = np.stack([corner, corner + 10, corner + 9], axis=1)
    nothing = np.zeros(3)
    materials = np.tile((float(Kind.PLAIN), 0.0, 0.0), (len(rest), 1))
    return Dressed(
        rest=rest,
        bones_of=np.zeros((len(rest), 4), np.int64),
        weights=np.zeros((len(rest), 4)),
        triangles=np.concatenate([first, second]),
        colours=np.tile((1.0, 0.0, 0.0), (len(rest), 1)),
        materials=materials,
        cut=Cut(nothing, nothing, 0.0, nothing, 0.0, 0.0, 0.0, 0.0, nothing),
        hair=nothing,
        iris=nothing,
    )
