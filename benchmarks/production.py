"""A place with what a server has and nothing else: what tests bring would be loaded too, and counted."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"


def production_python(folder: Path) -> str:
    """Make a virtual environment with the libraries of requirements.lock alone, and return its Python.

    It runs the files of this folder, which it finds by PYTHONPATH.
    """
    uv = Path(sys.executable).with_name("uv")
    place = folder / "production"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, place], check=True)
    python = place / "bin" / "python"
    subprocess.run([uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", LOCK], check=True)
    os.environ["PYTHONPATH"] = str(ROOT)
    return str(python)
