"""Where the files that ship with Popschool are: beside it in a checkout, inside the package once installed."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def _shipped(name: str) -> Path:
    beside = PACKAGE.parent / name
    return beside if beside.is_dir() else PACKAGE / f"_{name}"


def migrations_folder() -> Path:
    return _shipped("migrations")


def courses_folder() -> Path:
    """Return the folder of the courses that ship with Popschool."""
    return _shipped("courses")
