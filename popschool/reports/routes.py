"""Every page of reports."""

from popschool.reports import routes_public
from popschool.reports.routes_base import bp

__all__ = ["bp", "routes_public"]
