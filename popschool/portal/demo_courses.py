"""The courses of a demonstration: those that ship with Popschool, in a git repository that its authors push to."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app

from popschool.courses.models import CHECK_MINUTES, Revision, Source
from popschool.courses.sync import synchronise
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.places import courses_folder

WRITTEN_AT = "2027-01-04T09:00:00+0100"
WHO = ("-c", "user.name=Autrice 01", "-c", "user.email=autrice01@example.org", "-c", "init.defaultBranch=main")


@dataclass
class CoursesRefused(RuleBroken):
    """The courses that ship with Popschool could not be published."""

    problems: list[str]


def publish_courses(now: datetime) -> Revision:
    """Put the shipped courses in a bare repository of their own, and synchronise it."""
    bare = current_app.config["POPSCHOOL"].data_dir / "courses.git"
    if not bare.exists():
        _make_repository(courses_folder(), bare)
    with transaction():
        source = Source(
            name="pop-school",
            title="Cours de Pop School",
            url=f"file://{bare}",
            branch="main",
            folder="",
            is_local=True,
            created_at=now,
            check_minutes=0,  # a worker, by another clock, would take this reading for dead and do it in its place
        )
        db.session.add(source)
    report = synchronise(source, now)
    with transaction():
        source.check_minutes = CHECK_MINUTES
    db.session.refresh(source)
    revision = db.session.get(Revision, source.live_revision_id) if source.live_revision_id else None
    if revision is None:
        raise CoursesRefused([f"{one.get('path')}:{one.get('line')}: {one.get('message')}" for one in report.problems])
    return revision


def _make_repository(courses: Path, bare: Path) -> None:
    """Make a bare repository with one commit of the courses, that its authors can clone and push to."""
    here = ["--git-dir", str(bare), "--work-tree", str(courses)]
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": folder,
            "GIT_AUTHOR_DATE": WRITTEN_AT,
            "GIT_COMMITTER_DATE": WRITTEN_AT,
            "GIT_INDEX_FILE": f"{folder}/index",
        }
        for step in (
            ["init", "-q", "--bare", str(bare)],
            [*here, "add", "-A", "."],
            [*here, "commit", "-q", "-m", "Reprendre les cours de Pop School"],
        ):
            subprocess.run(
                ["git", *WHO, *step], check=True, capture_output=True, cwd=courses, timeout=120, env=environment
            )
