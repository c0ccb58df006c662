"""Try what comes from outside for as long as is wished. Prints what broke, made as small as it can be.

    python -m tests.fuzz [--minutes 60] [--only NAME] [--seed N]

Exits with 1 when something broke.
"""

import argparse
import random
import sys
import time
import traceback

from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.targets import TARGETS

AT_ONCE = 300


def tries(name: str, number: int) -> str:
    """Try one target from one seed; return what broke, or nothing."""
    strategy, check = TARGETS[name]

    @seed(number)
    @settings(max_examples=AT_ONCE, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def attempt(value):
        check(value)

    try:
        attempt()
    except Exception:
        return traceback.format_exc()
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--only", choices=sorted(TARGETS))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    asked = parser.parse_args()
    end, turn = time.monotonic() + 60 * asked.minutes, 0
    done, broken = dict.fromkeys([asked.only] if asked.only else TARGETS, 0), {}
    while time.monotonic() < end:
        for name in done.keys() - broken.keys():
            if found := tries(name, asked.seed + turn):
                broken[name] = found
                print(f"{name}, seed {asked.seed + turn}:\n{found}", flush=True)
            done[name] += AT_ONCE
        turn += 1
        if not done.keys() - broken.keys():
            break
    print(f"seed {asked.seed}: {done}, broken: {sorted(broken)}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
