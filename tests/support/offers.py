"""Offers, whole and spoilt."""

import random

from support.student_peer import StudentPeer


async def honest_offer() -> str:
    """What a page sends."""
    student = StudentPeer()
    try:
        return await student.offer()
    finally:
        await student.close()


def spoilt(sdp: str, rng: random.Random) -> str:
    """`sdp` with one to three of its lines changed in ways that parsers stumble over."""
    lines = sdp.split("\r\n")[:-1]
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines))
        line = lines[at]
        match rng.randrange(8):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, line)
            case 2:
                lines[at] = line[: rng.randrange(len(line) + 1)]
            case 3:
                digit = rng.choice("0123456789")
                lines[at] = line.replace(digit, rng.choice(["", "-1", "99999999999", "x"]))
            case 4:
                other = rng.randrange(len(lines))
                lines[at], lines[other] = lines[other], line
            case 5:
                noise = "".join(chr(rng.randrange(32, 127)) for _ in line)
                lines[at] = "".join(
                    rng.choice([c, c, c, n]) for c, n in zip(line, noise, strict=True)
                )
            case 6:
                lines[at] = line.split(":")[0]
            case _:
                lines[at] = line + rng.choice([" 0", " a b c", " :", "x" * 50])
        if not lines:
            lines = ["v=0"]
    return "\r\n".join(lines) + "\r\n"
