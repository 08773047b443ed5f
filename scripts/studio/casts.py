"""The three films of the demo: an instructor, a student who is right, one with four faults."""

from types import MappingProxyType
from typing import Final

from scripts.studio.camera import Camera
from scripts.studio.faults import Fault
from scripts.studio.figure import Shape
from scripts.studio.performance import Manner
from scripts.studio.room import Decor
from scripts.studio.scene import Casting
from scripts.studio.stance import LEFT, RIGHT
from scripts.studio.wardrobe import Outfit

INSTRUCTOR: Final = Casting(
    Shape(sex="female", weight=-0.25, muscle=0.3),
    Outfit(
        skin=(222, 172, 142),
        shirt=(34, 122, 132),
        trousers=(44, 48, 64),
        hair=(70, 44, 30),
        hair_style="bun",
        hair_m=0.018,
        sleeve=0.30,
        loose_shirt_m=0.007,
    ),
    Decor(),
    Camera(),
    Manner(seed=11),
)

RIGHT_STUDENT: Final = Casting(
    Shape(sex="male", ancestry="african", weight=0.15, muscle=0.3, height=0.04),
    Outfit(
        skin=(142, 96, 70),
        shirt=(232, 226, 214),
        trousers=(64, 84, 78),
        hair=(26, 22, 22),
        hair_m=0.008,
        sleeve=0.6,
        cuff=0.90,
        loose_shirt_m=0.014,
        loose_trousers_m=0.012,
    ),
    Decor(
        floor=(150, 128, 108),
        wall=(178, 192, 200),
        mat=(62, 110, 96),
        picture=((70, 92, 120), (190, 200, 196)),
        pot=(222, 220, 214),
        leaf=(84, 128, 76),
        plant_x=-1.75,
        picture_x=1.4,
        sun=(0.5, 0.85, 0.7),
    ),
    Camera(distance_m=3.2, height_m=1.02, yaw_deg=3.0, look_at_m=1.09),
    Manner(seed=23, lag_s=0.7, lag_spread_s=0.2),
)

FAULTY_STUDENT: Final = Casting(
    Shape(sex="female", ancestry="asian", weight=0.35, height=-0.1),
    Outfit(
        skin=(228, 184, 150),
        shirt=(190, 74, 84),
        trousers=(38, 40, 70),
        hair=(34, 26, 24),
        hair_style="bun",
        hair_m=0.017,
        sleeve=0.42,
        cuff=0.80,
    ),
    Decor(
        floor=(188, 172, 152),
        wall=(226, 220, 206),
        mat=(118, 96, 140),
        picture=((120, 140, 110), (216, 206, 170)),
        pot=(90, 96, 110),
        plant_x=1.8,
        picture_x=-1.55,
        ambient=0.47,
    ),
    Camera(distance_m=2.75, height_m=1.0, yaw_deg=-4.0, look_at_m=0.98),
    Manner(
        seed=37,
        lag_s=0.7,
        lag_spread_s=0.2,
        faults=(
            Fault(beat=2, kind="arm_low", side=RIGHT, degrees=28.0, mended_s=3.8),
            Fault(beat=3, kind="knee_straight", side=RIGHT, degrees=28.0),
            Fault(beat=5, kind="lean_short", side=LEFT, degrees=25.0),
            Fault(beat=8, kind="arm_low", side=LEFT, degrees=26.0),
        ),
    ),
)

CASTS: Final = MappingProxyType(
    {
        "instructor": INSTRUCTOR,
        "student_right": RIGHT_STUDENT,
        "student_faults": FAULTY_STUDENT,
    }
)
"""Film name -> casting."""
