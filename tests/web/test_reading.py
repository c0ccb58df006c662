"""How easily every page reads."""

import re

import pytest

from popschool.web import catalogues
from tests.web.examples import names_of
from tests.web.pages import Html
from tests.web.reading import VARIABLE, marking_own_words, own_words, read, syllables, visible, words_of

PAGES = names_of(lambda example: example.is_page and example.query.get("language") != "en")
LEARNERS, STAFF = (80, 15), (65, 20)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_easy_to_read(name, network):
    example = network.example(name)
    least, most = LEARNERS if example.is_for_learners else STAFF

    own = own_words(network.seen(name, is_marked=True).html.main)
    reading = read(own)
    assert reading.words > 0
    assert reading.score >= least, f"{reading.score:.1f}\n{own}"
    assert reading.words_per_sentence <= most, own


def test_no_sentence_is_long_on_a_page_or_in_a_refusal_a_mail_or_a_message():
    long = []
    for message in catalogues.extract():
        most = LEARNERS[1] if catalogues.is_wanted(message, "ar") else STAFF[1]
        texts = (message.id,) if isinstance(message.id, str) else message.id
        sentences = [one for text in texts for one in re.split(r"[.!?:;\n]+", VARIABLE.sub("07", text))]
        long += [one.strip() for one in sentences if read(one).words > most]

    assert long == []


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Choisissez un fichier. Votre travail n'est pas encore envoyé.", 84.2),
        (
            "Lisez le travail de votre collègue. Dites ce qui marche bien. Dites ce qui manque. "
            "Donnez une idée pour continuer.",
            95.2,
        ),
    ],
)
def test_the_score_is_the_one_of_the_reference(text, score):
    assert read(text).score == pytest.approx(score, abs=0.5)


@pytest.mark.parametrize(
    ("word", "count"), [("le", 1), ("école", 2), ("pages", 1), ("envoyé", 2), ("travail", 2), ("rythme", 1), ("h", 1)]
)
def test_syllables_are_groups_of_vowels(word, count):
    assert syllables(word) == count


def test_words_are_cut_at_apostrophes_and_hyphens_and_numbers_are_left_out():
    assert words_of("L'atelier : apprenant·e, vis-à-vis, 24 h, H2O") == [
        "L", "atelier", ":", "apprenant", "e,", "vis", "à", "vis,", "h,",
    ][:2] + ["apprenant", "e,", "vis", "à", "vis,", "h,"]  # fmt: skip


def test_hard_words_are_seen():
    assert read("La dématérialisation des modalités administratives nécessite une authentification.").score < 65


def test_names_and_what_people_wrote_are_left_out(network):
    example = network.example("grading.feedback")

    with network.undone(), marking_own_words():
        marked = network.visit(example).text
    with network.undone():
        plain = network.visit(example).text

    own = own_words(Html(marked).main)
    assert "Apprenant" not in own
    assert "Le travail est clair" not in own
    assert len(own.split()) > 10
    assert len(visible(marked)) == len(plain)
