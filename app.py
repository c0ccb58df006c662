"""The application, gathered: with popschool/cli.py, the only file that knows every feature."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from flask import Flask

from popschool import clock, collector, db, heaps, logs, metrics, replica, server, traced_requests
from popschool.auth import guards, sessions
from popschool.config import OURS_ALONE, Settings, read_settings
from popschool.schools import network
from popschool.web import shell, visitor

FEATURES = (
    "schools", "auth", "messages", "courses", "projects", "review", "grading", "attendance", "completion",
    "registers", "reports", "portal",
)  # fmt: skip
WAY_IN = ("auth",)
READ_FROM_REPLICA = ("reports",)
MEGABYTE = 1_000_000
LARGEST_REQUEST = 60 * MEGABYTE


def create_app(
    settings: Settings | None = None, *, with_pages: bool = True, features: Sequence[str] = FEATURES
) -> Flask:
    """Return the application, ready to serve: the whole of it, unless `features` names fewer.

    `settings` are the environment's unless given. Without its pages it has every table and service: jobs and commands
    need no more, and hold a fifth less.
    """
    settings = settings or read_settings()
    app = Flask("popschool", static_folder=None)
    app.config.update(
        POPSCHOOL=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=db.engine_options(settings.database_url, settings.database_pooled),
        SQLALCHEMY_BINDS=replica.binds(settings),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * MEGABYTE,
        # A browser takes the longer name from this host alone, over https alone.
        SESSION_COOKIE_NAME="__Host-popschool" if settings.is_production else "popschool",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_production,
        WTF_CSRF_TIME_LIMIT=None,
    )
    settings.data_dir.mkdir(mode=OURS_ALONE, parents=True, exist_ok=True)
    if settings.now is not None:
        clock.start_at(settings.now)
    db.init_app(app)
    traced_requests.init_app(app)
    logs.init_app(app)
    shell.init_app(app)
    sessions.init_app(app)
    server.init_app(app)
    metrics.init_app(app)
    for feature in features:
        pages = load(feature, with_pages=with_pages)
        if pages is not None:
            app.register_blueprint(pages.bp)
    replica.init_app(app, READ_FROM_REPLICA)
    visitor.call_network(app, network.read_contact)
    guards.register(app)
    return app


def create_way_in(settings: Settings | None = None) -> Flask:
    """Return the sign-in page and what every page needs, for the time that the rest takes to load."""
    app = create_app(settings, features=WAY_IN)
    app.add_url_rule("/", "portal.home")  # an address to link to
    return app


def load(feature: str, *, with_pages: bool) -> ModuleType | None:
    """Load the tables, services and jobs of a feature, all that others may find there; return its pages, if any."""
    folder = Path(__file__).parent / "popschool" / feature
    for pattern in ("models*.py", "services*.py", "tasks.py"):
        for path in sorted(folder.glob(pattern)):
            import_module(f"popschool.{feature}.{path.stem}")
    if not with_pages or not find_spec(f"popschool.{feature}.routes"):
        return None
    return import_module(f"popschool.{feature}.routes")


def __getattr__(name: str) -> Flask:
    """Make `app:app` work for gunicorn and the like, without building it when a test only imports this file."""
    if name == "app":
        heaps.share()
        with collector.paused():
            globals()["app"] = create_app()
        collector.keep_what_is_loaded()
        return globals()["app"]
    raise AttributeError(name)
