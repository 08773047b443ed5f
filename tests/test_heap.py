"""Memory that was freed goes back to the system."""

import subprocess
import sys

import pytest

from coach_server import heap

pytestmark = pytest.mark.unit

HOARDS: str = """
from coach_server import heap
import os

def held_mb():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

pieces = [bytearray(5_000) for _ in range(20_000)]
kept = pieces[::500]  # so that the heap's end cannot simply be lowered
before = held_mb()
del pieces
hoarded = held_mb()
heap.give_back()
print(before - hoarded, hoarded - held_mb())
"""


@pytest.mark.skipif(heap._trim is None, reason="another C library than glibc")
def test_what_the_allocator_keeps_is_given_back() -> None:
    told = subprocess.run(
        [sys.executable, "-c", HOARDS], check=True, capture_output=True, text=True
    ).stdout.split()
    by_itself_mb, given_back_mb = map(float, told)
    assert by_itself_mb < 50, "the allocator gives back by itself: this module is not needed"
    assert given_back_mb > 60


def test_without_glibc_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_trim", None)
    heap.give_back()
