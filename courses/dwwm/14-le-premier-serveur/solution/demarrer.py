"""Starts the server with one command, on Linux and Windows, without a network: python3 demarrer.py

The first time, it makes the virtual environment from the wheels of the folder roues/.
"""

import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ICI = Path(__file__).parent
ENVIRONNEMENT = ICI / ".venv"
PYTHON = ENVIRONNEMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def installer():
    """Make the environment, once. Half-made ones are made again."""
    if not (ENVIRONNEMENT / "pret").exists():
        venv.create(ENVIRONNEMENT, with_pip=True, clear=True)
        roues = ["--no-index", "--find-links", str(ICI / "roues")]
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", *roues, "flask", "pytest"], check=True)
        (ENVIRONNEMENT / "pret").touch()


if __name__ == "__main__":
    if find_spec("flask"):
        PYTHON = Path(sys.executable)
    else:
        installer()
    port = sys.argv[1] if len(sys.argv) > 1 else "5000"
    print(f"Le Fournil répond sur http://127.0.0.1:{port} (Ctrl+C pour arrêter)", flush=True)
    command = [PYTHON, "-m", "flask", "--app", "serveur:creer", "run", "--port", port]
    raise SystemExit(subprocess.run(command, cwd=ICI, check=False).returncode)
