import pytest
from flask_babel import force_locale

from popschool.projects.rules_criteria import DEFAULT_WORDS
from popschool.projects.words import mark_word


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
