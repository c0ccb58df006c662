"""Pages of answering: the queue, one correction, the answer as its reader sees it, competences, the board."""

from popschool.grading import routes_answer, routes_board, routes_competences, routes_queue, services_marks
from popschool.grading.routes_base import bp

__all__ = ["bp", "routes_answer", "routes_board", "routes_competences", "routes_queue", "services_marks"]
