"""Pages of attendance: signing, a trainer's half-day, marks and corrections, weeks, timetables."""

from popschool.attendance import (
    routes_absences,
    routes_company,
    routes_field,
    routes_half_days,
    routes_marks,
    routes_merging,
    routes_months,
    routes_motives,
    routes_own,
    routes_planning,
    routes_sheet_heading,
    routes_sheets,
    routes_signing,
    routes_timetable,
    routes_verify,
    routes_weeks,
    words,
)
from popschool.attendance.routes_base import bp

__all__ = [
    "bp",
    "routes_absences",
    "routes_company",
    "routes_field",
    "routes_half_days",
    "routes_marks",
    "routes_merging",
    "routes_months",
    "routes_motives",
    "routes_own",
    "routes_planning",
    "routes_sheet_heading",
    "routes_sheets",
    "routes_signing",
    "routes_timetable",
    "routes_verify",
    "routes_weeks",
    "words",
]
