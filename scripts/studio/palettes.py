"""Colours of rooms and clothes, each of which belongs to one split: no two splits share a room."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

from scripts.studio.wardrobe import Colour

Split = Literal["train", "dev", "val"]
"""What a picture is for: to learn from, to choose by, or to report."""

SPLITS: Final[tuple[Split, ...]] = get_args(Split)

Palette = Mapping[Split, tuple[Colour, ...]]


def _palette(**colours: str) -> Palette:
    return MappingProxyType({split: _colours(colours[split]) for split in SPLITS})


def _colours(written: str) -> tuple[Colour, ...]:
    """Colours written as hexadecimal sRGB, with spaces between."""
    return tuple((code[0], code[1], code[2]) for code in map(bytes.fromhex, written.split()))


WALLS: Final = _palette(
    train="""d6d0c6 e8e6e0 c9d2cc b4bcc4 dccdb6 e0c8bc a3b3a8 8e9aa6 c4b8a4 f0ece0 9c8f84 b9a6a0
        d9dde2 6f7f8c 7c8a72 cdbfd0 e6d6a8 5c6068 aebfcf c27f66""",
    dev="b2c0c8 e2dcd0 a9a497 8fa59d d2b8a0 73707a",
    val="cfc4b4 dfe4de 98a8b8 bdb08c e4d2cc 66746c",
)
FLOORS: Final = _palette(
    train="b08c68 967f6c bcac98 7a5c44 c8b494 5e4a3c a49a90 8c8c8c d0c4b0 6c6862",
    dev="a07850 b4a48c 746458",
    val="bc9470 88786a ccbca4",
)
MATS: Final = _palette(
    train="""5c6e80 3e6e60 766090 a04c54 2c3038 b88c94 6c8c4c 4878a8 c8a060 8c8c90 246068 483c58
        d0b8a8 7c4434""",
    dev="546c94 84a08c 703c58 c0785c",
    val="387c7c 98849c 2e4a34 b4a04c",
)
SHIRTS: Final = _palette(
    train="""227a84 e8e2d6 be4a54 2a2c34 6c7c94 d8a83c 5c8c54 8c5c9c c8ccd0 3c4c7c e08c6c 7c2c3c
        a8c4d4 48342c c05c94 b4b088 345c44 f0c8c8 8894a0 d4582c 5878c4 101418 9cc49c 684878""",
    dev="3c6c5c d0d8c4 a43c30 444a58 7cb0c8 d89cac b88c5c",
    val="2c5488 e4d0b4 90344c 56605c 9ca8d0 c8783c 78945c",
)
TROUSERS: Final = _palette(
    train="2c3040 40544e 26284a 3c3a38 5c6474 14161a 6c5c4c 48243c 8c8c88 1c3c44 a0907c 34444c",
    dev="322c34 4c5c68 7c7468 20382e",
    val="283448 524c48 6c7480 3c2430",
)
HAIR: Final[Mapping[str, tuple[Colour, ...]]] = MappingProxyType(
    {
        "african": _colours("1a1616 241c1a 302420"),
        "asian": _colours("1c1818 221a18 3a2a22"),
        "caucasian": _colours("462c1e 2a1e18 6c4a2e 9c7444 c4a068 7c3c20"),
        "old": _colours("8c8884 b4b0ac d4d0cc 5c5450"),
    }
)
"""By ancestry, and of people whose hair has turned."""
SKIN: Final[Mapping[str, tuple[Colour, Colour]]] = MappingProxyType(
    {
        "african": ((84, 54, 40), (168, 116, 86)),
        "asian": ((190, 140, 104), (240, 204, 174)),
        "caucasian": ((194, 140, 108), (244, 206, 184)),
    }
)
"""Darkest and lightest by ancestry."""
IRIS: Final[tuple[Colour, ...]] = ((70, 45, 30), (48, 32, 24), (88, 110, 130), (84, 96, 60))
PICTURES: Final[tuple[Colour, ...]] = (
    (196, 120, 84),
    (226, 190, 140),
    (70, 92, 120),
    (190, 200, 196),
    (120, 140, 110),
    (216, 206, 170),
    (60, 60, 66),
)
POTS: Final[tuple[Colour, ...]] = ((178, 110, 82), (222, 220, 214), (90, 96, 110), (60, 58, 56))
LEAVES: Final[tuple[Colour, ...]] = ((70, 112, 66), (84, 128, 76), (52, 88, 60), (120, 136, 72))
