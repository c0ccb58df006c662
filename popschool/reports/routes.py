"""Every page of reports."""

from popschool.reports.routes_base import bp

__all__ = ["bp"]
