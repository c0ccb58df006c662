"""Every page of completion."""

from popschool.completion import (  # noqa: F401
    routes_afterwards,
    routes_badges,
    routes_check,
    routes_codes,
    routes_company,
    routes_completion,
    routes_funding,
    routes_lines,
    routes_month,
    routes_papers,
    routes_questionnaire,
    routes_report,
    routes_rules,
)
from popschool.completion.routes_base import bp

__all__ = ["bp"]
