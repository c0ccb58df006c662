import re

import pytest
from flask_babel import force_locale

from popschool.projects import rules_archives
from popschool.projects.rules_criteria import DEFAULT_WORDS
from popschool.projects.rules_files import FileRefused
from popschool.projects.words import mark_word
from popschool.web.wording import sentence


@pytest.mark.parametrize("own", ["à 50 %", "100 %(tout)s", "presque"])
def test_a_word_of_an_author_is_shown_as_it_was_written(app, own):
    with app.test_request_context():
        assert mark_word(own) == own


def test_the_words_of_the_school_follow_the_language_of_the_page(app):
    with app.test_request_context():
        with force_locale("fr"):
            assert [mark_word(word) for word in DEFAULT_WORDS] == list(DEFAULT_WORDS)
        with force_locale("en"):
            assert [mark_word(word) for word in DEFAULT_WORDS] == ["not yet", "partly", "yes"]


@pytest.mark.parametrize("reason", ["executable", "empty", *rules_archives.Wrong])
def test_every_refusal_of_a_file_says_what_to_do(app, reason):
    with app.test_request_context():
        said = sentence(FileRefused("travail.zip", reason))

    assert said.startswith("travail.zip") and len(re.findall(r"[.] \w|, ou |$", said)) >= 2
