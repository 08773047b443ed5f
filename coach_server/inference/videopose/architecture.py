"""What a network of the paper is made of, and which of its frames each layer looks at.

A convolution over time that expands F features to C channels; then blocks of a dilated convolution
and one of width 1, around which a residual runs; then one of width 1 that shrinks to the joints.
The dilation of a layer is the product of the widths before it, so that its taps lie side by side:
no frame is seen twice, and with widths 3, 3, 3 the network sees 3 * 3 * 3 = 27 frames.

    widths 3, 3, 3, causal                 past ... now
    expand, dilation 1                     . . . . . . . . . . . . . . . . . . . . . . . . x x x
    block 1, dilation 3                    . . . . . . . . . . . . . . . . . . . . x . . x . . x
    block 2, dilation 9                    . . . . . . . . x . . . . . . . . x . . . . . . . . x
"""

from dataclasses import dataclass
from math import prod

from coach_server.body.skeleton import JOINTS
from coach_server.errors import EngineError


@dataclass(frozen=True, slots=True)
class Architecture:
    """One network of the paper.

    Attributes:
        widths: filter widths, odd: of the expanding convolution, then of each block.
        channels: C.
        inputs: F, features of a frame.
        causal: whether the newest tap of every layer is the newest frame; else the middle one is
            the frame that is answered, and as many frames after it are looked at as before it.
        spread: whether it says a standard deviation beside every coordinate.
    """

    widths: tuple[int, ...]
    channels: int
    inputs: int
    causal: bool = True
    spread: bool = True

    def __post_init__(self) -> None:
        if not self.widths or any(width < 1 or width % 2 == 0 for width in self.widths):
            raise EngineError(
                f"filter widths are odd numbers, not {self.widths}",
                hint="give them as 3,3,3,3,3",
            )

    @property
    def outputs(self) -> int:
        """Numbers a frame: x, y, z of each joint, and the logarithms of their spreads."""
        return JOINTS * 3 * (2 if self.spread else 1)

    @property
    def dilations(self) -> tuple[int, ...]:
        """Frames between neighbouring taps, for each of `widths`."""
        return tuple(prod(self.widths[:layer]) for layer in range(len(self.widths)))

    @property
    def receptive_field(self) -> int:
        """How many frames one answer looks at.

        A layer adds `(width - 1) * dilation` to the 1 that a layer without neighbours sees. Where
        each dilation is the product of the widths before it, these sums telescope to the product
        of all widths.
        """
        return prod(self.widths)

    @property
    def look_ahead(self) -> int:
        """How many of them come after the frame that is answered."""
        return 0 if self.causal else (self.receptive_field - 1) // 2

    @property
    def columns(self) -> tuple[int, ...]:
        """Length of the column that each of the layers in `widths` takes in."""
        return (self.inputs, *[self.channels] * (len(self.widths) - 1))

    def taps(self, layer: int) -> tuple[int, ...]:
        """How far back a layer reads its ring, in frames before the newest column, oldest first.

        A causal layer reads `(width - 1) * dilation` back to `dilation`; the newest column is at
        hand. A layer that looks ahead does the same for its own column, which is that of an older
        frame; and it reads the left half of the taps for the newest frame (`streaming_graph`).
        The newest column in its ring is `late` frames old: as far ahead as the layers below look.
        """
        width, dilation = self.widths[layer], self.dilations[layer]
        own = tuple(back * dilation for back in range(width - 1, 0, -1))
        if self.causal:
            return own
        late = (dilation - 1) // 2
        return own + tuple(back * dilation - late for back in range(width // 2, 0, -1))

    def span(self, layer: int) -> int:
        """Columns that the ring of a layer holds."""
        return (self.widths[layer] - 1) * self.dilations[layer] + 1
