"""Let atheris make up what comes from outside, led by the branches of the code that it reaches.

    python -m tests.fuzz.guided [--minutes 30] [--only NAME]

The time is shared between the targets, each in a process of its own. What broke stands in a file `crash-…` of the
folder where it is started, and is tried again with `--only NAME --again FILE`. Exits with 1 when something broke.
"""

import argparse
import subprocess
import sys

NAMES = ("markdown", "front matter", "uploads", "rosters", "reviews", "spreadsheets")
LEADS = ["popschool", "markdown", "bleach", "html5lib", "yaml", "openpyxl"]
LONGEST = 8_192


def explore(name: str, given: list[str]) -> None:
    """Try a target in this process, which atheris ends: with 77 when something broke."""
    import atheris

    with atheris.instrument_imports(include=LEADS):
        from tests.fuzz import targets
    from hypothesis import given as drawn
    from hypothesis import settings

    strategy, check = targets.TARGETS[name]

    @settings(database=None, deadline=None)
    @drawn(strategy)
    def attempt(value):
        check(value)

    atheris.Setup([sys.argv[0], f"-max_len={LONGEST}", *given], attempt.hypothesis.fuzz_one_input)
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--only", choices=NAMES)
    parser.add_argument("--again", metavar="FILE")
    parser.add_argument("--child", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child is not None:
        return explore(asked.only, asked.child)
    names = [asked.only] if asked.only else NAMES
    how = [asked.again] if asked.again else [f"-max_total_time={round(60 * asked.minutes / len(names))}"]
    broken = []
    for name in names:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", "tests.fuzz.guided", "--only", name, "--child", "-print_final_stats=1", *how]
        if subprocess.run(command, check=False).returncode:
            broken.append(name)
    print(f"broken: {broken}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
