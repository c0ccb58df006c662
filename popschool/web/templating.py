"""Templates compiled once for each language, with their texts already in it: a page says most of its words for nothing.

`_("Bonjour")` and `{% trans %}` become constants, `_("Bonjour %(name)s", name=…)` its pieces around the name. Plurals,
and texts that are not written in the template, are looked for while the page is made.
"""

import re
from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any

from flask.templating import Environment
from flask_babel import gettext
from jinja2 import Template, nodes
from jinja2.environment import TemplateModule, create_cache
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, _escape_inner, escape

from popschool.web import languages

FUNCTIONS = (FunctionType, MethodType)
NAMES = ("_", "gettext")
PIECE = re.compile(r"%(?:\((\w+)\)[sd]|(%))")


def written(value: Any) -> str:
    """Return a value as a page writes it: escaped as `escape` does, but joined at once, so never marked as safe."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    return value if kind is Markup else escape(value)


class PageContext(Context):
    """Jinja's context, with a shorter way for the calls that a page is full of: macros, and functions as they are."""

    def call(__self, __called: Any, *args: Any, **kwargs: Any) -> Any:
        if type(__called) is Macro:
            args = (__self.eval_ctx, *args)
        elif type(__called) not in FUNCTIONS or hasattr(__called, "jinja_pass_arg"):
            return super().call(__called, *args, **kwargs)
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        return __called(*args, **kwargs)


class PageTemplate(Template):
    """A template that writes its values with `written`."""

    @classmethod
    def from_code(cls, *given: Any, **more: Any) -> Template:
        made = super().from_code(*given, **more)
        made.root_render_func.__globals__["escape"] = written
        return made

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """Return what this file offers to those that import it. No page has globals of its own to look for."""
        return super()._get_default_module()


class PageEnvironment(Environment):
    """Jinja's environment, with a set of compiled templates for each language."""

    template_class = PageTemplate
    context_class = PageContext

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
