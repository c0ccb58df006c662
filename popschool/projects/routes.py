"""Pages of work. Each kind has its own file."""

from popschool.projects import (
    routes_assignments,
    routes_files,
    routes_hand_in,
    routes_help,
    routes_margins,
    routes_quizzes,
    routes_teams,
    routes_work,
)
from popschool.projects.routes_base import bp

__all__ = [
    "bp",
    "routes_assignments",
    "routes_files",
    "routes_hand_in",
    "routes_help",
    "routes_margins",
    "routes_quizzes",
    "routes_teams",
    "routes_work",
]
