"""The words of a mark, on a page. A project may give its own, which are said as its author wrote them."""

from flask_babel import lazy_gettext as _l

from popschool.projects.rules_criteria import DEFAULT_WORDS

SCHOOL_WORDS = dict(zip(DEFAULT_WORDS, (_l("pas encore"), _l("en partie"), _l("oui")), strict=True))


def mark_word(word: str) -> str:
    """Return a mark's word in the language of the page when it is the school's."""
    return str(SCHOOL_WORDS.get(word, word))
