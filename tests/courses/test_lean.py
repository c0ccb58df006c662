"""Web pages never load what only a sync needs."""

import os
import subprocess
import sys

HEAVY = ("markdown", "bleach", "nh3", "pymdownx", "pygments", "latex2mathml", "PIL", "typst", "ruamel", "pydantic", "pyhanko")


def test_serving_pages_loads_nothing_that_a_sync_needs(tmp_path):
    code = f"import sys; from app import create_app; create_app(); print([m for m in {HEAVY!r} if m in sys.modules])"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environ | {"POPSCHOOL_DATA_DIR": str(tmp_path), "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip().splitlines()[-1] == "[]"
