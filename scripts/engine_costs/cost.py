"""Operations and bytes, and the time below which no machine can do them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one operation, or of many.

    Attributes:
        operations: multiplications and additions, two for each multiply-add.
        bytes: read and written.
        single: those of the operations that are in float32.
    """

    operations: float
    bytes: float
    single: float = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.operations + other.operations,
            self.bytes + other.bytes,
            self.single + other.single,
        )

    def __truediv__(self, count: float) -> "Cost":
        return Cost(self.operations / count, self.bytes / count, self.single / count)


NOTHING: Final = Cost(0, 0)


@dataclass(frozen=True, slots=True)
class Processor:
    """What a GPU's maker says it can do at the most.

    Attributes:
        name: for people.
        operations: a second, dense products in float16.
        single: the same in float32, without rounding to fewer bits.
        bandwidth: of its memory, bytes a second.
    """

    name: str
    operations: float
    single: float
    bandwidth: float

    def computing_s(self, cost: Cost) -> float:
        """Seconds below which its operations cannot be done."""
        return (cost.operations - cost.single) / self.operations + cost.single / self.single

    def floor_s(self, costs: Iterable[Cost]) -> float:
        """Seconds below which they cannot be done one after the other, whatever the program.

        The roofline (Williams et al., CACM 2009), operation by operation: each waits for products
        or for memory, whichever takes longer.
        """
        return sum(max(self.computing_s(cost), cost.bytes / self.bandwidth) for cost in costs)


T4: Final = Processor("T4", 65e12, 8.1e12, 320e9)
RTX_4090: Final = Processor("RTX 4090", 165e12, 82.6e12, 1008e9)
H100: Final = Processor("H100 SXM", 989e12, 67e12, 3350e9)
PROCESSORS: Final = (T4, RTX_4090, H100)
V100: Final = Processor("V100", 125e12, 15.7e12, 900e9)
GTX_1660_TI: Final = Processor("GTX 1660 Ti", 10.9e12, 5.4e12, 288e9)
"""The two that the published figures are of, which say what share of a floor is reached."""


def total(costs: Iterable[Cost]) -> Cost:
    """All of them."""
    return sum(costs, NOTHING)
