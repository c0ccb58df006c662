"""Pages that anybody opens before the first school write nothing."""

import pytest

from popschool.db import db
from popschool.schools.models import Network


@pytest.mark.parametrize("path", ["/badges/issuer", "/figures.json"])
def test_a_page_of_an_empty_installation_writes_nothing(client, path):
    assert client.get(path).status_code == 200
    db.session.rollback()
    assert db.session.query(Network).count() == 0
