"""What callers are answered: not the host that they say, only known methods, and no secret of theirs in the logs."""

import logging

import pytest

from popschool import logs
from popschool.auth.models import Account
from popschool.auth.passwords import make_hash
from popschool.db import db
from popschool.web import addresses, posted
from tests.conftest import make_app
from tests.factories import make_learner, make_network, save
from tests.hostile_forms import fields
from tests.web.network import at_its_day

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


@pytest.mark.parametrize(
    "path", ["/sign-in", "/nothing", "/healthz", "/figures.json", "/figures", "/sw.js", "/account"]
)
def test_every_answer_refuses_what_a_page_has_no_use_for(site, path):
    headers = site.test_client().get(path).headers

    [policy] = headers.getlist("Content-Security-Policy")
    assert "default-src 'self'" in policy and "unsafe" not in policy and "nonce" not in policy
    assert all(said in policy for said in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"))
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert headers.get("Access-Control-Allow-Origin") == ("*" if path == "/figures.json" else None)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PUT", "DELETE", "PATCH", "CONNECT", "GETT"])
def test_only_the_methods_of_a_route_are_answered(site, method):
    assert site.test_client().open("/sign-in", method=method).status_code == 405


MARK = "mark-of-a-secret-4711"
FORMS = ["/sign-in", "/sign-in/password", "/sign-in/code", "/sign-in/second", "/card", "/card/password",
         "/password/forgotten", "/account/password", "/account/second", "/account/prove", "/check", "/verify",
         f"/i/{MARK}", f"/d/{MARK}", f"/s/{MARK}", f"/after/{MARK}", f"/calendars/{MARK}.ics",
         f"/nothing/{MARK}"]  # fmt: skip
FIELDS = ["handle", "password", "current", "again", "code", "pin", "number", "secret", "token", "name", "csrf_token"]


def test_no_secret_that_a_form_takes_reaches_the_logs(site, capsys):
    person = make_learner(mail="somebody@example.org")
    save()
    account = db.session.get_one(Account, person.id)
    account.session_token, account.password_hash = MARK, make_hash(MARK)
    db.session.commit()
    logs.configure("json")
    client, headers = site.test_client(), {"Authorization": f"Bearer {MARK}", "Referer": f"https://a.example/{MARK}"}
    for path in FORMS:
        client.post(path, data=dict.fromkeys(FIELDS, MARK), query_string={"token": MARK}, headers=headers)
        client.get(path, query_string={"next": MARK}, headers=headers)
    client.post("/sign-in/password", data={"handle": "somebody@example.org", "password": MARK})
    client.get("/api/v1/me", headers=headers)
    said = capsys.readouterr().err

    assert said.count('"event": "request"') == 2 * len(FORMS) + 2
    assert MARK not in said and "somebody@example.org" not in said
    logs.configure("auto")


SECRET_FIELDS = {*posted.SECRET_CODES, "pin", "token", "credential", "kept", "state"}
LOUD = ("", "sqlalchemy.engine", *logs.QUIET_LIBRARIES)


def is_secret(name, endpoint):
    """Say whether a field opens something. The code of a cohort, of a funder or of an absence is no secret."""
    code = name in SECRET_FIELDS and (endpoint.startswith("auth.") or name not in posted.SECRET_CODES)
    return code or any(one in name.lower() for one in posted.SECRETS)


@pytest.fixture
def loud():
    """Let every library say all that it can; the database, each statement, which has no values."""
    logs.configure("json")
    before = {name: logging.getLogger(name).level for name in LOUD}
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.INFO if name == "sqlalchemy.engine" else logging.DEBUG)
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
    logs.configure("auto")


def test_no_form_of_the_site_lets_a_secret_into_the_loudest_logs(network, loud, capsys):
    """Each form of the map of addresses, as its own visitor, its secrets marked, its other fields filled."""
    forms = {rule.endpoint for rule in network.app.url_map.iter_rules() if "POST" in rule.methods}
    tried, marked = set(), set()
    with at_its_day(), network.undone():
        for example in {one.endpoint: one for one in network.examples if one.endpoint in forms}.values():
            client = network.client(example.visitor)
            if example.arrange is not None:
                example.arrange(client)
            page = client.get(network.address(example)).text if example.form is None else ""
            sent = {name: "texte" for name in fields(page)} | (example.form or {}) | dict.fromkeys(FIELDS, "texte")
            secret = {name: MARK for name in sent if is_secret(name, example.endpoint)}
            client.post(network.address(example), data=sent | secret, headers={"Authorization": f"Bearer {MARK}"})
            tried.add(example.endpoint)
            marked |= {name for name in secret if name not in FIELDS}
    said = capsys.readouterr().err

    assert tried == forms and {"new_secret"} <= marked
    assert said.count('"event": "request"') > len(forms) and "INSERT INTO" in said and "'texte'" not in said
    assert [line[:2000] for line in said.splitlines() if MARK in line] == []
