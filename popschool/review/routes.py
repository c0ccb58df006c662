"""Pages of peer review: a learner's reviews, what was said of their work, and a trainer's round."""

from popschool.review import (
    routes_flags,
    routes_guests,
    routes_opening,
    routes_oral,
    routes_pieces,
    routes_queue,
    routes_received,
    routes_reviewing,
    routes_rounds,
)
from popschool.review.routes_base import bp

__all__ = [
    "bp",
    "routes_flags",
    "routes_guests",
    "routes_opening",
    "routes_oral",
    "routes_pieces",
    "routes_queue",
    "routes_received",
    "routes_reviewing",
    "routes_rounds",
]
