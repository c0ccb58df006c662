"""Le simulateur de réseau est au départ. La solution passe avant lui : c'est son course.py que l'on essaie."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "depart"))
