"""The host that a caller says is never the one that we write: not in a page, not in an answer that others may keep."""

import pytest

from popschool.db import db
from popschool.web import addresses
from tests.conftest import make_app
from tests.factories import make_network, save

OURS, THEIRS = "https://apprendre.example.org", "http://elsewhere.example"


@pytest.fixture
def site(tmp_path):
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}", base_url=OURS)
    with app.app_context():
        db.create_all()
        make_network()
        save()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("path", ["/sign-in", "/figures", "/figures.json", "/account", "/nothing", "/badges/issuer"])
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-HTTP-Host-Override"])
def test_no_answer_holds_the_host_that_a_caller_says(site, path, header):
    said = "host=elsewhere.example" if header == "Forwarded" else "elsewhere.example"
    answer = site.test_client().get(path, headers={header: said})

    assert "elsewhere.example" not in answer.text
    assert "elsewhere.example" not in str(answer.headers)


def test_what_others_may_keep_names_the_host_of_the_settings(site):
    answer = site.test_client().get("/figures.json", base_url=THEIRS)

    assert "public" in answer.headers["Cache-Control"]
    assert answer.json["page"] == f"{OURS}/figures"


def test_a_trial_is_opened_at_any_address_of_its_machine(tmp_path):
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")

    with app.test_request_context(base_url="http://192.168.1.5:8000"):
        assert addresses.whole("web.help_page") == "http://192.168.1.5:8000/help"
