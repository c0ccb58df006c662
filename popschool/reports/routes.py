"""Every page of reports."""

from popschool.reports import routes_board, routes_public  # noqa: F401
from popschool.reports.routes_base import bp

__all__ = ["bp", "routes_public"]
