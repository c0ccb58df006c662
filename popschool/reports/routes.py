"""Every page of reports."""

from popschool.reports import routes_board, routes_doors, routes_files, routes_public, routes_seen  # noqa: F401
from popschool.reports.routes_base import bp

__all__ = ["bp", "routes_public"]
