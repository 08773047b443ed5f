"""Seeded mutations of text with lines and of bytes, where no coverage guides."""

import random
from typing import Final

_NUMBERS: Final = (b"", b"-1", b"0", b"65536", b"99999999999999999999", b"1e999", b"NaN", b"x")
_PIECES: Final = (b"\x00", b"\xff", b"\r\n", b'"', b"[" * 64, b"{" * 64, b":", b" ", b"a" * 300)
_MOST_CHANGES: Final = 4
_MOST_BYTES: Final = 1 << 16


def mutated(data: bytes, rng: random.Random) -> bytes:
    """`data` with one to four changes of the kinds that parsers stumble over."""
    for _ in range(rng.randint(1, _MOST_CHANGES)):
        data = (
            _by_lines(data, rng) if b"\n" in data and rng.random() < 0.6 else _by_bytes(data, rng)
        )
    return data[:_MOST_BYTES]


def _by_lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines[at:at] = [lines[other]] * rng.choice((1, 2, 40))
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
        case _:
            lines[at] += rng.choice(_PIECES)
    return b"\n".join(lines)


def _by_bytes(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice((1, 1, 2, 8, 64)))
    match rng.randrange(5):
        case 0:
            return data[:at] + data[end:]
        case 1:
            return data[:at] + rng.choice(_PIECES) + data[at:]
        case 2:
            return data[:at] + rng.randbytes(end - at) + data[end:]
        case 3:
            digits = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
            if not digits:
                return data + data[at:end]
            digit = rng.choice(digits)
            return data[:digit] + rng.choice(_NUMBERS) + data[digit + 1 :]
        case _:
            return data[:at] + data[at:end] * rng.choice((2, 9)) + data[at:]
