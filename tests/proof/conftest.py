"""Tests that run in the environment of `engines check`; `ENGINE_CHECK=all` takes all of them."""

import os

import pytest


@pytest.fixture
def thorough() -> bool:
    """Whether the whole table is wanted, not the quick set."""
    return os.environ.get("ENGINE_CHECK") == "all"
