"""The pages measured and photographed: the browser and the scripted coach are those of the tests.

Nothing here is imported by the product or by its tests of the pages.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))  # where `browser` lives
