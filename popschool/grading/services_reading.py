"""What courses said, at the revision that a cohort or a piece of work was read at."""

from typing import Any

from sqlalchemy import ColumnElement, or_

from popschool.courses.models import ProjectVersion


def holds_at(version: Any, number: Any) -> ColumnElement[bool]:
    """Say, in SQL, that a version's row holds at a revision's number."""
    return (version.since <= number) & or_(version.until.is_(None), version.until >= number)


def project_at(project_id: Any, number: Any) -> ColumnElement[bool]:
    """Say, in SQL, that a row of ProjectVersion is this project at a revision's number."""
    return (ProjectVersion.project_id == project_id) & holds_at(ProjectVersion, number)
