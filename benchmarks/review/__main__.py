"""Plans, estimates and what to grade next, measured on rounds drawn by chance. Prints JSON, a line for each figure.

    python -m benchmarks.review [--draws 200] [--processes 2] [--seed second]

The same draws give the same figures on every machine, but for times, which are seconds of the processor.
"""

import argparse
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from benchmarks.review import allocations, estimates, routing
from benchmarks.review.generator import BASE, SETTINGS


def figures(draws: int, processes: int, seed: str) -> Iterator[tuple[str, dict]]:
    for row in allocations.seconds():
        yield "time", row
    for row in estimates.seconds(BASE):
        yield "time", row
    with ProcessPoolExecutor(processes) as pool:
        plans = pool.submit(allocations.measure, draws)
        routes = [pool.submit(routing.measure, BASE, mark, draws) for mark in (60.0, 70.0)]
        rounds = [pool.submit(estimates.measure, setting, draws, seed) for setting in SETTINGS]
        routed = [pool.submit(estimates.routed_figures, BASE, draws, way, seed) for way in estimates.WAYS]
        for row in plans.result():
            yield "plans", row
        for route in routes:
            yield "routing", route.result()
        for one in rounds:
            yield "estimate", one.result()
        for one in routed:
            yield "graded in another order", one.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200, help="rounds drawn in each setting")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", default="", help="other rounds for the estimates: any word")
    options = parser.parse_args()
    for of, figure in figures(options.draws, options.processes, options.seed):
        print(json.dumps({"of": of, **figure}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
