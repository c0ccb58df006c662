"""Pages of the network, its schools, cohorts, places and people. Each kind has its own file."""

from popschool.schools import (
    routes_arranged,
    routes_cohorts,
    routes_network,
    routes_people,
    routes_places,
    routes_roster,
)
from popschool.schools.routes_base import bp

__all__ = [
    "bp",
    "routes_arranged",
    "routes_cohorts",
    "routes_network",
    "routes_people",
    "routes_places",
    "routes_roster",
]
