"""The files of deploy/ name only what exists: commands, settings, addresses, figures. systemd reads its own."""

import json
import os
import re
import stat
import subprocess

import pytest
from ruamel.yaml import YAML
from sqlalchemy import create_engine, text

from popschool import processes
from popschool.cli import main
from popschool.config import PREFIX, Settings
from popschool.places import migrations_folder
from tests.postgres import server
from tests.test_metrics import read  # noqa: F401  a fixture

DEPLOY = migrations_folder().parent / "deploy"
TEXTS = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file()]
UNITS = sorted((DEPLOY / "systemd").iterdir())
NGINX_KEEPS_SECONDS = 60  # what it does unless told
SAMPLE = re.compile(r"\bpopschool_[a-z_]+")


def named_figures():
    alerts = YAML(typ="safe").load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    expressions = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    board = json.loads((DEPLOY / "prometheus" / "dashboard.json").read_text())
    expressions += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return {name for one in expressions for name in SAMPLE.findall(one)}


def test_alerts_and_dashboard_read_figures_that_exist(app, read):  # noqa: F811
    found = {f"popschool_{key[0]}" for key in read("/sign-in", "/check/nothing")}
    declared = found | {"popschool_jobs_due", "popschool_jobs_failed_last_day"}

    assert named_figures() and named_figures() <= declared


def test_every_alert_says_what_to_do():
    alerts = YAML(typ="safe").load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    for group in alerts["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["summary"] and len(rule["annotations"]["action"]) > 40, rule["alert"]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_settings_and_commands_exist(path):
    text = path.read_text()
    known = {PREFIX + name.upper() for name in Settings.__dataclass_fields__} | {"POPSCHOOL_PORT"}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", text)) <= known
    context = main.make_context("popschool", [], resilient_parsing=True)
    for name in re.findall(r"(?:bin/popschool|\[popschool,|\"\$bin/popschool\") ?\"?([a-z]+)", text):
        assert main.get_command(context, name) is not None, name


@pytest.mark.parametrize("name", ["compose/compose.yaml", "kubernetes/popschool.yaml", "prometheus/scrape.yml"])
def test_what_a_machine_reads_can_be_read(name, app):
    documents = list(YAML(typ="safe").load_all((DEPLOY / name).read_text()))
    assert documents and all(documents)
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert {path for path in re.findall(r"path: (/\S+?)[ ,}]", (DEPLOY / name).read_text())} <= rules | {"/data"}


def test_nginx_never_leaves_out_the_only_one_that_lives():
    """One broken connection must not make two seconds of refusals while the other process is put anew."""
    text = (DEPLOY / "nginx" / "popschool.conf").read_text()
    servers = re.findall(r"^ *#? *server (127\S+) (.*);", text, re.MULTILINE)

    assert len(servers) == 2 and {how for _address, how in servers} == {"max_fails=0"}


def test_pgbouncer_comes_back_as_soon_as_postgresql_does():
    assert re.search(r"^server_login_retry = 1$", (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text(), re.MULTILINE)


def test_a_process_keeps_a_connection_longer_than_nginx_does():
    assert NGINX_KEEPS_SECONDS < processes.SECONDS_OPEN
    assert "keepalive_timeout" not in (DEPLOY / "nginx" / "popschool.conf").read_text()


def in_cluster():
    """Return what the manifest of a cluster holds, as {(kind, name): spec}."""
    documents = YAML(typ="safe").load_all((DEPLOY / "kubernetes" / "popschool.yaml").read_text())
    return {(one["kind"], one["metadata"]["name"]): one["spec"] for one in documents}


def pods_of_cluster():
    return [spec["template"]["spec"] for (kind, _name), spec in in_cluster().items() if kind in ("Job", "Deployment")]


def test_a_new_version_takes_no_process_away_from_a_busy_morning():
    """A number of replicas in the manifest would undo what the autoscaler has decided, at once, at each `apply`."""
    manifest = in_cluster()
    scaled = manifest["HorizontalPodAutoscaler", "popschool-web"]["scaleTargetRef"]
    pages = manifest[scaled["kind"], scaled["name"]]

    assert "replicas" not in pages and pages["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert all("cpu" in one["resources"]["requests"] for one in pages["template"]["spec"]["containers"])


def test_a_node_that_is_emptied_takes_one_process_at_a_time():
    """With a least number of them, six of seven could leave together."""
    manifest = in_cluster()
    for name in ("popschool-web", "popschool-worker"):
        budget = manifest["PodDisruptionBudget", name]
        assert budget == {"maxUnavailable": 1, "selector": manifest["Deployment", name]["selector"]}


def test_a_worker_that_refuses_to_start_sends_no_other_away():
    """Nothing asks a worker how it is: one that ends before this time never counted as one that works."""
    assert in_cluster()["Deployment", "popschool-worker"]["minReadySeconds"] >= 10


def test_nobody_but_the_proxy_and_prometheus_speaks_to_the_pages_of_a_cluster():
    """The pages believe what comes about who is calling: whoever reached them past the proxy could pretend anything."""
    manifest = in_cluster()
    policy = manifest["NetworkPolicy", "popschool"]
    pages = manifest["Deployment", "popschool-web"]["template"]
    (container,) = pages["spec"]["containers"]
    (allowed,) = policy["ingress"]

    assert {one["name"]: one.get("value") for one in container["env"]}["POPSCHOOL_TRUSTED_PROXIES"] == "1"
    assert policy["podSelector"]["matchLabels"].items() <= pages["metadata"]["labels"].items()
    assert [one["port"] for one in allowed["ports"]] == [one["containerPort"] for one in container["ports"]]
    assert all(
        list(one) == ["namespaceSelector"] and one["namespaceSelector"]["matchLabels"] for one in allowed["from"]
    )


def test_what_is_busy_has_time_to_say_that_it_lives():
    (container,) = in_cluster()["Deployment", "popschool-web"]["template"]["spec"]["containers"]

    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[name]["timeoutSeconds"] >= 5, name


def test_no_process_of_a_cluster_makes_keys_of_its_own():
    """What a container keeps goes with it: keys made there would be lost, and what they locked too."""
    pods = pods_of_cluster()

    for pod in pods:
        (container,) = pod["containers"]
        named = {one["name"]: one["value"] for one in container["env"]}["POPSCHOOL_LOCK_KEYS"]
        mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
        secrets = {one["name"]: one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one}
        assert (f"{mounts['keys']}/lock_keys", secrets["keys"]) == (named, "popschool-keys")


def test_no_container_of_a_cluster_may_do_more_than_its_work():
    """What the profile "restricted" of a cluster asks, and no key to the cluster itself."""
    pods = pods_of_cluster()

    assert len(pods) == 3
    for pod in pods:
        (container,) = pod["containers"]
        mounted = {one["mountPath"] for one in container["volumeMounts"]}
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"/data", "/tmp"} <= mounted
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        # A service of our name would add POPSCHOOL_PORT and others to the settings.
        assert pod["enableServiceLinks"] is False


def test_only_the_migration_and_the_archive_know_the_account_that_owns_the_tables():
    knowing = {unit.name for unit in UNITS if "popschool-direct.env" in unit.read_text()}

    assert knowing == {"popschool-migrate.service", "popschool-backup.service"}


def test_containers_take_turns_and_may_finish_what_they_began():
    """nginx names both ports; an engine that is not told waits ten seconds, then kills."""
    services = YAML(typ="safe").load((DEPLOY / "compose" / "compose.yaml").read_text())["services"]
    pages = [one for one in services.values() if "ports" in one]
    served = re.findall(r"server (127\S+) ", (DEPLOY / "nginx" / "popschool.conf").read_text())
    unit = (DEPLOY / "systemd" / "popschool@.service").read_text()
    seconds = int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE).group(1))

    assert [one["ports"] for one in pages] == [[f"{address}:8000"] for address in served]
    assert all(int(one["stop_grace_period"].rstrip("s")) >= seconds for one in [*pages, services["worker"]])
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in services.values() if "build" in one)


@pytest.mark.parametrize("owns", ["popschool_owner", "popschool"])
def test_no_account_of_the_containers_is_a_superuser(owns, tmp_path):
    """The image of PostgreSQL runs this once, by the superuser that it made with the password of who serves."""
    environ = {"PATH": os.environ["PATH"], "POSTGRES_USER": "test", "POSTGRES_PASSWORD": "serve's"}
    environ |= {"POSTGRES_OWNER_PASSWORD": "owns" if owns == "popschool_owner" else ""}
    with server() as started:
        environ |= {"PGHOST": "127.0.0.1", "PGPORT": str(started.port)}
        engine = create_engine(started.url)
        with engine.begin() as connection:
            connection.execute(text("ALTER ROLE test PASSWORD 'serve''s'"))
        subprocess.run(["sh", DEPLOY / "compose" / "accounts.sh"], env=environ, check=True, capture_output=True)
        with engine.connect() as connection:
            asked = "SELECT rolname, rolsuper, rolpassword IS NOT NULL FROM pg_authid WHERE rolcanlogin"
            accounts = {name: tuple(more) for name, *more in connection.execute(text(asked))}
            asked = "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database"
            made = connection.execute(text(f"{asked} WHERE datname = 'popschool'")).one()
        engine.dispose()

    assert accounts == {"test": (True, False)} | dict.fromkeys({"popschool", owns}, (False, True))
    assert tuple(made) == (owns, "UTF8")


def test_nothing_begins_before_the_accounts_of_the_containers_are_made():
    """The image makes them in a server of its own, which answers on a socket and on no address."""
    services = YAML(typ="safe").load((DEPLOY / "compose" / "compose.yaml").read_text())["services"]

    assert services["database"]["healthcheck"]["test"][1:4] == ["pg_isready", "-h", "127.0.0.1"]
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}


def test_only_the_migration_of_the_containers_knows_the_account_that_owns_the_tables():
    services = YAML(typ="safe").load((DEPLOY / "compose" / "compose.yaml").read_text())["services"]
    ours = {name: one["environment"] for name, one in services.items() if "build" in one}

    assert [name for name, given in ours.items() if "POPSCHOOL_DATABASE_OWNER_URL" in given] == ["migrate"]
    # All of them read the file that has both passwords.
    assert {given["POSTGRES_OWNER_PASSWORD"] for given in ours.values()} == {""}


def test_nothing_secret_and_no_history_goes_into_the_image():
    assert {".git", ".venv", "data", "**/*.env"} <= set((DEPLOY.parent / ".dockerignore").read_text().splitlines())


def test_the_image_holds_the_words_of_every_language():
    """Who serves in it may write nothing beside the program: what is installed must have been compiled before."""
    steps = (DEPLOY / "compose" / "Dockerfile").read_text()
    compiled, installed = steps.index("popschool.web.catalogues compile"), steps.index("--no-deps .")

    assert compiled < installed < steps.index("USER popschool")


@pytest.fixture
def units(tmp_path):
    """The units of deploy/, with a program that is there."""
    program = tmp_path / "popschool"
    program.write_text("#!/bin/sh\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for unit in UNITS:
        text = unit.read_text().replace("/srv/popschool/.venv/bin/popschool", str(program))
        (tmp_path / unit.name).write_text(text)
    return [str(tmp_path / unit.name) for unit in UNITS]


def test_systemd_understands_its_units(units, tmp_path):
    answer = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )

    said = [line for line in answer.stderr.splitlines() if str(tmp_path) in line or "popschool" in line]
    assert not said, said


def test_the_account_that_serves_reaches_little_of_the_machine(units):
    """systemd's own count of what a unit leaves open, from 0 to 10: under 2 for each."""
    for unit in units:
        if unit.endswith(".service"):
            answer = subprocess.run(
                ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", unit],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert answer.returncode == 0, answer.stdout.splitlines()[-1:] or answer.stderr


def test_a_service_finds_its_program_compiled():
    """Its account may write nothing beside the program: each start would compile every library again."""
    makefile = (DEPLOY.parent / "Makefile").read_text()
    steps = (DEPLOY.parent / "docs" / "operate.md").read_text().split("### One machine, step by step")[1]

    assert re.search(r"^install: catalogues\n\t.*-u PYTHONPYCACHEPREFIX .*compileall", makefile, re.MULTILINE)
    assert steps.count("make PYTHON=/usr/bin/python3 install") == 2 and "python3 catalogues" not in steps
