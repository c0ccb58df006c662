"""The shell, put on the application: templates, macros' functions, assets, headers, errors, languages, CSRF."""

from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, abort, g, request, session, url_for
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from jinja2 import FileSystemLoader
from werkzeug.routing import IntegerConverter

from popschool import clock
from popschool.web import (
    addresses,
    art,
    assets,
    comfort,
    compiled,
    errors,
    forms,
    headers,
    icons,
    languages,
    navigation,
    routes,
    templating,
    visitor,
)

PACKAGE = Path(__file__).parent.parent


class RowNumber(IntegerConverter):
    """The number of a row in an address. One that no row can have leads nowhere, without asking the database."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, max=2**31 - 1, **kwargs)


csrf = CSRFProtect()
compress = Compress()


def init_app(app: Flask) -> None:
    """Give the application everything a page needs."""
    app.url_rule_class = addresses.Address
    app.jinja_environment = templating.PageEnvironment
    app.jinja_loader = FileSystemLoader(sorted(map(str, PACKAGE.glob("*/templates"))))
    app.jinja_env.globals.update(
        draw=icons.icon,
        draw_levels=icons.levels,
        half_discs=icons.steps,
        symbols=icons.symbols,
        drawing=art.drawing,
        is_group=forms.is_group,
        error_summary=forms.summary,
        page_address=page_address,
    )
    app.config.setdefault("COMPRESS_ALGORITHM", ["br", "gzip"])
    # From the next level on, a twentieth less to send takes twice as long to press.
    app.config.setdefault("COMPRESS_BR_LEVEL", 3)
    app.config.setdefault("COMPRESS_LEVEL", 3)
    app.url_map.converters["int"] = RowNumber
    app.before_request(refuse_zero_bytes)
    app.before_request(come_home)
    app.teardown_request(come_home)
    languages.init_app(app)
    compiled.init_app(app)
    addresses.init_app(app)
    assets.init_app(app)
    headers.init_app(app)
    csrf.init_app(app)
    compress.init_app(app)
    errors.init_app(app)
    app.register_blueprint(routes.bp)
    app.context_processor(lambda: {"frame": Frame()})


def come_home(_error: BaseException | None = None) -> None:
    """Stand in Paris until it is known who is here, and again once they are answered."""
    clock.stand_in(clock.PARIS)


def refuse_zero_bytes() -> None:
    """No address of ours holds a zero byte, and a database takes none."""
    if "\0" in request.path or b"%00" in request.query_string:
        abort(400)


class Frame:
    """What base.html asks about the page being made; each answer is looked for once, when it is asked."""

    @cached_property
    def person(self) -> Any | None:
        return visitor.person()

    @cached_property
    def keeps(self) -> bool:
        """Say whether this device may keep something of the person here: not one that others use too."""
        return self.person is not None and not session.get(visitor.SHARED)

    @cached_property
    def role(self) -> str:
        return visitor.role_name(visitor.roles())

    @cached_property
    def contact(self) -> visitor.Contact:
        return visitor.contact()

    @cached_property
    def comfort(self) -> comfort.Comfort:
        return comfort.read(request)

    @cached_property
    def language(self) -> str:
        return languages.code()

    @cached_property
    def tag(self) -> str:
        return self.tag_of(self.language)

    @staticmethod
    def tag_of(language: str) -> str:
        return languages.TAGS.get(language, language)

    @property
    def is_from_the_right(self) -> bool:
        return self.language in languages.FROM_THE_RIGHT

    @cached_property
    def wished(self) -> str:
        """Return the language that was wished when this page is not in it; nothing otherwise."""
        wished = languages.wished()
        return "" if wished == self.language else wished

    @property
    def excuse(self) -> str:
        return languages.excuse()

    @property
    def made_by_machine(self) -> str:
        return languages.made_by_machine()

    @property
    def is_machine_made(self) -> bool:
        return self.language not in languages.WHOLE

    @property
    def is_translated(self) -> bool:
        return languages.is_translated(request.endpoint)

    @cached_property
    def menu(self) -> list[navigation.Link]:
        return navigation.links(visitor.roles()) if self.person is not None else []

    @property
    def is_refused(self) -> bool:
        return "refused" in g

    @property
    def is_demo(self) -> bool:
        return clock.is_moved()

    @property
    def now(self):
        return clock.now()

    @staticmethod
    def has(endpoint: str) -> bool:
        return errors.exists(endpoint)


def page_address(number: int) -> str:
    """Return the address of another page of the list being read, with the same filters."""
    query = request.args.to_dict(flat=False) | {"page": [str(number)]}
    return url_for(request.endpoint, **(request.view_args or {}), **query)
