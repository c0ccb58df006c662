"""What a start loads: jobs and commands no page, the first page nothing that it does not show."""

import json
import subprocess
import sys

from popschool import jobs
from popschool.auth import services_decisions
from popschool.db import db
from tests.processes import environment, popschool

WITHOUT_PAGES = """
import gc, json, sys
from app import create_app
from popschool.db import Base
from popschool import jobs
from popschool.auth import services_decisions
app = create_app(with_pages=False)
print(json.dumps({
    "pages": [name for name in sys.modules if name.startswith("popschool.") and ".routes_" in name],
    "tables": sorted(Base.metadata.tables),
    "jobs": sorted(jobs.RECURRING),
    "decisions": sorted(services_decisions.KINDS),
}))
"""
FIRST_PAGE = """
import json
from app import create_app
from popschool.db import Base
app = create_app()
assert app.test_client().get("/sign-in").status_code == 200
print(json.dumps([mapper.class_.__name__ for mapper in Base.registry.mappers if mapper.configured]))
"""
PREPARED = """
import gc, json
from sqlalchemy.orm import configure_mappers
from sqlalchemy.sql.annotation import Annotated
from app import create_app
from popschool.db import Base
create_app(with_pages=False)
configure_mappers()
copied = {id(one._Annotated__element) for one in gc.get_objects() if isinstance(one, Annotated)}
columns = [column for table in Base.metadata.tables.values() for column in table.columns]
print(json.dumps([sum(id(column) in copied for column in columns), len(columns)]))
"""


def said(code, tmp_path):
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    return json.loads(answer.stdout.splitlines()[-1])


def test_jobs_load_no_page_and_know_every_table_job_and_decision(app, tmp_path):
    loaded = said(WITHOUT_PAGES, tmp_path)

    assert loaded["pages"] == []
    assert loaded["tables"] == sorted(db.metadata.tables)
    assert loaded["jobs"] == sorted(jobs.RECURRING)
    assert loaded["decisions"] == sorted(services_decisions.KINDS)


def test_the_way_in_is_shown_before_models_are_prepared(tmp_path):
    assert popschool("migrate", environ=environment(tmp_path)).returncode == 0

    assert said(FIRST_PAGE, tmp_path) == []


def test_models_are_prepared_without_a_second_copy_of_every_column(tmp_path):
    copied, columns = said(PREPARED, tmp_path)

    assert copied < columns / 2


def test_nobody_looks_for_garbage_in_a_program_that_loads(tmp_path):
    code = "import gc, json; from popschool.cli import make_app; app = make_app(with_pages=True);"

    whole_searches, kept = said(
        f"{code} print(json.dumps([gc.get_stats()[2]['collections'], gc.get_freeze_count()]))", tmp_path
    )

    assert whole_searches == 0
    assert kept > 100_000
