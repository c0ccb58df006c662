"""The languages of the interface: two complete, five for the journeys, each written as its readers write."""

import errno
import os
import re
from unittest.mock import Mock

import pytest
from babel.messages.catalog import Catalog
from babel.support import Translations
from flask_babel import force_locale, ngettext

from popschool.errors import CannotServe
from popschool.web import catalogues, languages
from popschool.web.filters import THIN
from tests.web.examples import LEARNER, LEFT, NOBODY
from tests.web.pages import Html
from tests.web.test_html import left_empty

TEXTS = {"Bonjour %(name)s": "Hello %(name)s", ("%(num)d jour", "%(num)d jours"): ("%(num)d day", "%(num)d days")}


def every_text(language):
    for message in catalogues.read(language):
        if message.id:
            yield message.id, message.string if isinstance(message.string, tuple | list) else (message.string,)


def test_every_text_is_in_both_languages():
    assert list(catalogues.problems()) == []


def test_no_text_stays_that_no_page_says_any_more():
    said = {message.id for message in catalogues.extract() if message.id}

    assert catalogues.spoken() <= {text if isinstance(text, str) else text[0] for text in said}
    assert {text for text, _said in every_text("en")} <= said
    assert {text for text, _said in every_text("fr")} <= said


@pytest.fixture
def left_in_french(monkeypatch) -> set[str]:
    """The texts that a page asked for in a language that does not have them."""
    found: set[str] = set()

    def watched(name):
        ask = getattr(Translations, name)

        def asked(self, *words):
            said = ask(self, *words)
            if not isinstance(self, languages.French) and said in words:
                found.add(said)
            return said

        monkeypatch.setattr(Translations, name, asked)

    for name in ("ugettext", "ungettext", "upgettext"):
        watched(name)
    return found


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("fr", 1, "1 école"),
        ("fr", 999, "999 écoles"),
        ("fr", 4_170, f"4{THIN}170 écoles"),
        ("en", 4_170, "4,170 schools"),
    ],
)
def test_a_large_count_is_written_as_numbers_are(app, language, count, said):
    with app.test_request_context(), force_locale(language):
        assert ngettext("%(num)d école", "%(num)d écoles", count) == said


def test_every_text_that_a_learner_meets_in_a_journey_is_in_the_five_other_languages(network, left_in_french):
    met = [
        one
        for one in network.examples
        if one.endpoint in catalogues.JOURNEYS
        and one.visitor in (LEARNER, LEFT, NOBODY)
        and one.is_page
        and "language" not in one.query
    ]
    for example in met:
        with network.undone():
            client = network.client(example.visitor)
            client.set_cookie("comfort", "language=ar")
            answer = network.visit(example, client=client)
            page = Html(answer.text)
            assert page.root.get("lang") == "ar", example.name
            if any(form.get("method") == "post" for form in page.main.iter("form")):
                client.post(network.address(example), data=left_empty(page))

    assert {example.endpoint for example in met} >= catalogues.JOURNEYS.keys() - {"attendance.code"}
    assert left_in_french == set()


def test_english_has_neither_the_quotes_nor_the_spaces_of_french():
    french_signs = re.compile(r"[«»]|\s[:;!?](?:\s|$)|[éèêàùçœ]")
    names = re.compile("Grande École du Numérique|Défenseur des droits, Libre réponse|Défenseur des droits|Ma Démarche")

    found = [
        (text, said) for text, said in every_text("en") if any(french_signs.search(names.sub("", one)) for one in said)
    ]
    assert found == []


def test_texts_are_written_with_ordinary_spaces_and_set_when_they_are_shown():
    held = re.compile("[\u00a0\u202f]")

    assert [text for text, _said in every_text("en") if held.search("".join(text))] == []


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A catalogue of two texts, complete; the test breaks one."""
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogues, "LANGUAGES", ("en",))
    source, english = Catalog(), Catalog(locale="en", fuzzy=False)
    for text, said in TEXTS.items():
        source.add(text)
        english.add(text, said)
    monkeypatch.setattr(catalogues, "extract", lambda: source)
    return english


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda english: english.delete("Bonjour %(name)s"), "missing"),
        (lambda english: setattr(english["Bonjour %(name)s"], "string", ""), "empty"),
        (lambda english: setattr(english["%(num)d jour"], "string", ("%(num)d day", "")), "empty"),
        (lambda english: english["Bonjour %(name)s"].flags.add("fuzzy"), "fuzzy"),
        (lambda english: setattr(english["Bonjour %(name)s"], "string", "Hello"), "lost variable"),
        (lambda english: setattr(english["Bonjour %(name)s"], "string", "Hello %(who)s"), "unknown variable"),
    ],
)
def test_a_text_that_is_not_sound_is_named(small, break_it, reason):
    catalogues.write("en", small)
    assert list(catalogues.problems()) == []

    break_it(small)
    catalogues.write("en", small)

    assert [problem.split(": ")[1] for problem in catalogues.problems()] == [reason]


def test_updating_keeps_translations_leaves_new_texts_empty_and_drops_dead_ones(small, monkeypatch):
    catalogues.write("en", small)
    source = Catalog()
    source.add("Bonjour %(name)s")
    source.add("Au revoir")
    monkeypatch.setattr(catalogues, "extract", lambda: source)

    catalogues.update()

    assert dict(every_text("en")) == {"Bonjour %(name)s": ("Hello %(name)s",), "Au revoir": ("",)}


def test_french_holds_only_its_plurals(small, monkeypatch):
    monkeypatch.setattr(catalogues, "LANGUAGES", ("fr",))

    catalogues.update()

    assert dict(every_text("fr")) == {("%(num)d jour", "%(num)d jours"): ("%(num)d jour", "%(num)d jours")}


READ_ONLY = [PermissionError(errno.EACCES, "refused"), OSError(errno.EROFS, "read-only")]


@pytest.mark.parametrize("refusal", READ_ONLY, ids=["an account", "a disk"])
def test_words_that_seem_older_than_their_source_serve_where_nothing_may_be_written(tmp_path, monkeypatch, refusal):
    """An image writes both files in any order: a container whose root may only be read must start all the same."""
    (tmp_path / "messages.mo").write_bytes(b"as installed")
    (tmp_path / "messages.po").write_text('msgid ""\nmsgstr ""\n')
    os.utime(tmp_path / "messages.mo", (0, 0))
    monkeypatch.setattr(catalogues, "po_path", lambda _language: tmp_path / "messages.po")
    monkeypatch.setattr(catalogues.tempfile, "NamedTemporaryFile", Mock(side_effect=refusal))

    catalogues.compile_all(only_stale=True)

    assert (tmp_path / "messages.mo").read_bytes() == b"as installed"


@pytest.mark.parametrize("refusal", READ_ONLY, ids=["an account", "a disk"])
def test_a_program_without_its_words_says_how_to_compile_them(tmp_path, monkeypatch, refusal):
    """Whoever serves may not write in the program: one that was never compiled must say so."""
    (tmp_path / "messages.po").write_text('msgid ""\nmsgstr ""\n')
    monkeypatch.setattr(catalogues, "po_path", lambda _language: tmp_path / "messages.po")
    monkeypatch.setattr(catalogues.tempfile, "NamedTemporaryFile", Mock(side_effect=refusal))

    with pytest.raises(CannotServe, match="make catalogues"):
        catalogues.compile_all(only_stale=True)
