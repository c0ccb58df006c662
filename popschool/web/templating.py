"""Templates compiled once for each language, with their texts already in it: a page says most of its words for nothing.

`_("Bonjour")` and `{% trans %}` become constants, `_("Bonjour %(name)s", name=…)` its pieces around the name. Plurals,
and texts that are not written in the template, are looked for while the page is made.
"""

import re
from collections.abc import Iterator
from typing import Any

from flask.templating import Environment
from flask_babel import gettext
from jinja2 import nodes
from jinja2.environment import create_cache
from jinja2.visitor import NodeTransformer

from popschool.web import languages

NAMES = ("_", "gettext")
PIECE = re.compile(r"%(?:\((\w+)\)[sd]|(%))")


class PageEnvironment(Environment):
    """Jinja's environment, with a set of compiled templates for each language."""

    def __init__(self, *args: Any, **options: Any):
        self._caches: dict[str, Any] = {}
        super().__init__(*args, **options)

    @property
    def cache(self) -> Any:
        return self._caches[languages.code()]

    @cache.setter
    def cache(self, made: Any) -> None:
        size = getattr(made, "capacity", -1)
        self._caches = {language: create_cache(size) for language in languages.NAMES}

    def _generate(self, source: nodes.Template, *args: Any, **options: Any) -> str:
        return super()._generate(Texts(self).visit(source), *args, **options)


class Texts(NodeTransformer):
    """Put the texts of the language of this moment in a parsed template."""

    def __init__(self, environment: Environment):
        self.context = nodes.EvalContext(environment)

    def visit_Call(self, call: nodes.Call, *args: Any) -> nodes.Node:
        self.generic_visit(call, *args)
        message = _message_of(call)
        values = {pair.key: pair.value for pair in call.kwargs}
        if message is None or (values and all(map(self._is_constant, values.values()))):
            return call  # Jinja joins constants as text, not as HTML
        pieces = list(_pieces(gettext(message), values))
        return pieces[0] if len(pieces) == 1 else nodes.Concat(pieces, lineno=call.lineno)

    def _is_constant(self, value: nodes.Expr) -> bool:
        try:
            value.as_const(self.context)
        except nodes.Impossible:
            return False
        return True


def _message_of(call: nodes.Call) -> str | None:
    """Return the text that a call looks for, when the template writes it and names every value."""
    is_text = isinstance(call.node, nodes.Name) and call.node.name in NAMES
    is_plain = len(call.args) == 1 and isinstance(call.args[0], nodes.Const) and not call.dyn_args
    return call.args[0].value if is_text and is_plain and call.dyn_kwargs is None else None


def _pieces(text: str, values: dict[str, nodes.Expr]) -> Iterator[nodes.Expr]:
    """Cut "Bonjour %(name)s !" around its values. Text is HTML, values are not: as gettext does in a template."""
    written, at = "", 0
    for found in PIECE.finditer(text):
        written, at = written + text[at : found.start()], found.end()
        if found[2]:
            written += "%"
            continue
        if written:
            yield nodes.MarkSafeIfAutoescape(nodes.Const(written))
        yield values[found[1]]
        written = ""
    if written + text[at:] or not values:
        yield nodes.MarkSafeIfAutoescape(nodes.Const(written + text[at:]))
