"""Pages of courses: reading them, and for authors where they come from."""

from popschool.courses import (
    routes_changes,
    routes_previews,
    routes_reading,
    routes_search,
    routes_sources,
    routes_webhooks,
    routes_writing,
)
from popschool.courses.routes_base import bp

__all__ = [
    "bp",
    "routes_changes",
    "routes_previews",
    "routes_reading",
    "routes_search",
    "routes_sources",
    "routes_webhooks",
    "routes_writing",
]
