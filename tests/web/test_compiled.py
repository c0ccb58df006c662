"""What templates become is kept from one start to the next, and made again when anything that it comes from changes."""

import errno
import os

import pytest
from flask_babel import force_locale
from jinja2 import DictLoader

from popschool.web import catalogues, compiled
from popschool.web.templating import PageEnvironment

WORDS = "{{ _('Enregistrer') }}"
OTHER_WORDS = "{{ _('Enregistrer') }} !"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "templates"


@pytest.fixture
def start(app, folder, monkeypatch):
    """Return what starts again and shows a page: its words, and how many templates had to be compiled for it."""
    compiling = []
    generate = PageEnvironment._generate
    monkeypatch.setattr(
        PageEnvironment, "_generate", lambda self, *given, **more: compiling.append(1) or generate(self, *given, **more)
    )
    folder.mkdir()

    def show(source=WORDS, language="fr", secret="ours"):
        compiling.clear()
        environment = app.jinja_environment(app, loader=DictLoader({"page.html": source}), autoescape=True)
        environment.globals.update(app.jinja_env.globals)
        environment.bytecode_cache = compiled.KeptTemplates(folder, secret)
        with app.test_request_context(), force_locale(language):
            return environment.get_template("page.html").render(), len(compiling)

    return show


def test_a_page_shown_before_a_restart_is_not_compiled_again(start):
    assert [start(), start()] == [("Enregistrer", 1), ("Enregistrer", 0)]


def test_each_language_has_its_own(start):
    shown = [start(), start(language="en"), start(), start(language="en")]

    assert shown == [("Enregistrer", 1), ("Save", 1), ("Enregistrer", 0), ("Save", 0)]


def test_another_text_is_compiled_again(start):
    start()

    assert [start(OTHER_WORDS), start(OTHER_WORDS)] == [("Enregistrer !", 1), ("Enregistrer !", 0)]


def test_other_words_of_a_language_are_compiled_again(start, tmp_path, monkeypatch):
    words = tmp_path / "messages.mo"
    monkeypatch.setattr(catalogues, "po_path", lambda language: words.with_suffix(".po"))
    words.write_bytes(b"as they were")
    start()
    os.utime(words, (1, 1))

    assert start()[1] == 1


def test_other_code_is_compiled_again(start, monkeypatch):
    start()
    monkeypatch.setattr(compiled, "WEB", compiled.WEB.parent / "auth")

    assert start()[1] == 1


def test_what_was_cut_short_on_the_disk_is_made_again(start, folder):
    start()
    (kept,) = folder.iterdir()
    kept.write_bytes(kept.read_bytes()[:40])

    assert [start(), start()] == [("Enregistrer", 1), ("Enregistrer", 0)]


def test_code_that_another_wrote_is_not_run(start):
    start("{{ 'of another' }}", secret="theirs")

    assert start("{{ 'of another' }}") == ("of another", 1)


def test_code_of_one_page_is_not_run_for_another(start, folder, monkeypatch):
    monkeypatch.setattr(compiled.KeptTemplates, "get_source_checksum", lambda self, source: "as it was")
    start()
    (kept,) = folder.iterdir()
    start(language="en")
    (other,) = set(folder.iterdir()) - {kept}
    other.write_bytes(kept.read_bytes())

    assert start(language="en")[0] == "Save"


def test_a_disk_that_takes_nothing_takes_no_page_away(start, folder):
    folder.rmdir()

    assert start() == ("Enregistrer", 1)


def test_a_disk_that_fills_keeps_nothing_of_what_was_begun(start, folder, monkeypatch):
    def fill(path, content):
        path.open("wb").write(content[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(compiled.Path, "write_bytes", fill)

    assert start() == ("Enregistrer", 1)
    assert list(folder.iterdir()) == []


def test_only_its_owner_reads_and_writes_what_is_kept(app):
    folder = app.config["POPSCHOOL"].data_dir / compiled.FOLDER

    assert folder.stat().st_mode & 0o777 == 0o700
    assert app.jinja_env.bytecode_cache.folder == folder
