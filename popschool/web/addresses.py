"""The addresses that pages link to: each made once, since a page has a hundred of them and most come back."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from werkzeug.routing import Rule

KEPT = 20_000


class Address(Rule):
    """A rule whose writer is compiled when a first page links to it: compiling all of them is a sixth of a start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        kept_as = "_build_unknown" if append_unknown else "_build"
        compiled = super()._compile_builder

        def write(rule: Rule, **values: Any) -> tuple[str, str]:
            writer = compiled(append_unknown).__get__(rule, None)
            setattr(rule, kept_as, writer)
            return writer(**values)

        return write


def init_app(app: Flask) -> None:
    """Let templates keep the addresses that depend on nothing but what they are asked for."""
    made: dict[tuple[str, str, str], str] = {}

    def url_for(endpoint: str, **values: Any) -> str:
        try:
            here = request._get_current_object()  # once: a page has tens of addresses
        except RuntimeError:
            return app.url_for(endpoint, **values)
        if values.get("_external") or "_scheme" in values:
            return app.url_for(endpoint, **values)
        if endpoint[0] == ".":
            endpoint = f"{here.blueprint}{endpoint}" if here.blueprint else endpoint[1:]
        key = (endpoint, here.root_path, repr(values))
        found = made.get(key)
        if found is None:
            if len(made) >= KEPT:
                made.clear()
            found = made[key] = app.url_for(endpoint, **values)
        return found

    app.jinja_env.globals["url_for"] = url_for


def url_for(endpoint: str, **values: Any) -> str:
    """Return an address as a template would write it: for what is made beside one."""
    return current_app.jinja_env.globals["url_for"](endpoint, **values)


def whole(endpoint: str, **values: Any) -> str:
    """Return an address with its host, for what leaves the page: the one of the settings, never the one a caller says.

    A trial is opened at several addresses, such as that of the machine in its own network: there, the caller is right.
    """
    settings = current_app.config["POPSCHOOL"]
    base = settings.base_url if settings.is_production else request.host_url
    return base.rstrip("/") + url_for(endpoint, **values)
