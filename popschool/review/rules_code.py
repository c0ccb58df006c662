"""Which files of a repository are read as code: those that somebody wrote, small enough to be read."""

from collections.abc import Iterable

MOST_FILES, LARGEST_FILE, LONGEST_PATH = 30, 40_000, 300
NOT_WRITTEN = frozenset(
    {"node_modules", "vendor", "dist", "build", "__pycache__", "venv", "env", "coverage", "target", "bower_components"}
)
NOT_READ = frozenset({"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "composer.lock", "poetry.lock", "uv.lock"})
# What says who made it, and nothing of how it was made.
SAYS_WHO = frozenset({"authors", "contributors", "codeowners", "license", "copying"})


def is_read(path: str, size: int) -> bool:
    """Say whether a file of a repository may be code that somebody wrote."""
    *folders, name = path.split("/")
    low = name.lower()
    return (
        0 < size <= LARGEST_FILE
        and len(path) <= LONGEST_PATH
        and not any(one.startswith(".") or one.lower() in NOT_WRITTEN for one in folders)
        and not low.startswith(".")
        and low not in NOT_READ
        and low.partition(".")[0] not in SAYS_WHO
        and ".min." not in low
    )


def chosen(files: Iterable[tuple[str, int]]) -> list[str]:
    """Return the paths that are read, of (path, size): the nearest to the top first, then by name."""
    paths = [path for path, size in files if is_read(path, size)]
    return sorted(paths, key=lambda path: (path.count("/"), path))


def text_of(content: bytes | None) -> str | None:
    """Return a file as text; None when it is none."""
    if content is None or b"\0" in content:
        return None
    try:
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return None
