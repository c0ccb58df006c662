"""Pages of answering: the queue, one correction, the answer as its reader sees it. Other pages are in routes_….py."""

from popschool.grading import routes_answer, routes_queue
from popschool.grading.routes_base import bp

__all__ = ["bp", "routes_answer", "routes_queue"]
