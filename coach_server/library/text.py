"""Text that people have written, as it is kept."""

import unicodedata
from typing import Final

_JOINERS: Final = "\u200c\u200d"
"""Not seen either, but scripts of India and pictures of people are spelt with them."""


def seen_text(text: str) -> str:
    """Text on one line, without control characters and those that turn the way of writing."""
    kept = (c if c in _JOINERS or unicodedata.category(c)[0] not in "CZ" else " " for c in text)
    return " ".join("".join(kept).split())
