"""Code in four colours: keywords, strings, numbers and comments. Fewer would say less; more would weigh on a phone."""

import html
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token
from pygments.util import ClassNotFound

KINDS = (
    (Token.Keyword, "k"),
    (Token.Name.Tag, "k"),
    (Token.Operator.Word, "k"),
    (Token.Literal.String, "s"),
    (Token.Literal.Number, "n"),
    (Token.Comment, "c"),
)
LONGEST = 20_000


def colour(code: str, language: str) -> str:
    """Return HTML for a piece of code; as it is when the language is unknown or the piece very long."""
    lexer = _lexer(language)
    if lexer is None or len(code) > LONGEST:
        return html.escape(code, quote=False)
    parts: list[tuple[str, str]] = []
    for kind, text in lexer.get_tokens(code):
        name = _name(kind) if text.strip() else parts[-1][0] if parts else ""
        if parts and parts[-1][0] == name:
            parts[-1] = (name, parts[-1][1] + text)
        else:
            parts.append((name, text))
    return "".join(_span(name, text) for name, text in parts)


def _span(name: str, text: str) -> str:
    if not name:
        return html.escape(text, quote=False)
    kept = text.rstrip()
    return f'<span class="{name}">{html.escape(kept, quote=False)}</span>{text[len(kept) :]}'


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)
def _name(kind: object) -> str:
    return next((name for wanted, name in KINDS if kind in wanted), "")
