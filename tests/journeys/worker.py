"""The process that does the jobs of an installation which several journeys share, as they are asked for.

What comes back every ten minutes by itself opens half-days, reads courses and shares reviews out: it would do so in
the middle of a journey that is about just that. It has tests of its own.
"""

from app import create_app
from popschool import jobs


def main() -> None:
    jobs.RECURRING.clear()
    with create_app().app_context():
        jobs.work()


if __name__ == "__main__":
    main()
