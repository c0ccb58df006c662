"""Every page of reports."""

from popschool.reports import (  # noqa: F401
    routes_answering,
    routes_board,
    routes_board_paper,
    routes_declared,
    routes_doors,
    routes_evidence,
    routes_files,
    routes_layouts,
    routes_lists,
    routes_participants,
    routes_public,
    routes_seen,
    routes_tables,
)
from popschool.reports.routes_base import bp

__all__ = ["bp", "routes_public"]
