"""La solution reprend des modules du départ : les essais les trouvent là-bas."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "depart"))
