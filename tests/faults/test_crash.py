"""The server is killed while people work: nothing that it acknowledged is lost, and nothing is done twice.

Five kills on each database here; two hundred with `python -m benchmarks.crash`.
"""

import os
import random

import pytest

from benchmarks import crash
from tests.faults.installations import database
from tests.processes import environment


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(engine, request, tmp_path):
    server = request.getfixturevalue("postgres") if engine == "postgresql" else ""
    with database(engine, tmp_path, server) as url:
        environ = environment(tmp_path / "data", DATABASE_URL=url) | {"PYTHONPATH": os.getcwd()}
        result = crash.run(environ, 5, random.Random(engine), 1, tmp_path / "server.log")

    assert crash.is_sound(result), result
    assert all(result["acknowledged"].values()) and result["sent_again"]
