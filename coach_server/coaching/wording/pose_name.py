"""A pose's name as one says it: what chapters are called is longer, and may name a wrong side."""

import re
from typing import Final

LONGEST: Final = 24
"""A name longer than this many characters would keep the student from the cue."""

_ASIDE: Final = re.compile(r"(?:\s*[,;:(\[/，；：（]|\s+[-–—]\s).*", re.DOTALL)
_SIDE: Final = re.compile(
    r"\b(?:left|right|link|recht|izquierd|derech|बाय|बाई|बाए|दाय|दाई|दाए)|左|右", re.IGNORECASE
)
_ROMAN: Final = re.compile(r"\bI{1,3}\b")


def said_name(title: str) -> str:
    """The name to say of a pose whose chapter is called `title`; "" where none can be said.

    What follows a comma or a bracket is left out ("Warrior II, left (Virabhadrasana II)"), and
    numbers become such that every voice can read. A name that still has a side in it is not said:
    who follows as in a mirror is on the other one.
    """
    name = " ".join(_ASIDE.sub("", title).split())
    if len(name) > LONGEST or _SIDE.search(name):
        return ""
    return _ROMAN.sub(lambda number: str(len(number[0])), name)
