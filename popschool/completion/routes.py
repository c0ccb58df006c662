"""Every page of completion."""

from popschool.completion import routes_badges, routes_check, routes_completion, routes_funding, routes_papers  # noqa: F401
from popschool.completion.routes_base import bp

__all__ = ["bp"]
