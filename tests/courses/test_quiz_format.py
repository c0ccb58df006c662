"""A quiz in Markdown: what its author wrote, what is asked, and what is wrong in it."""

import pytest

from popschool.courses.preview import make_preview
from popschool.courses.quiz_format import LINE, ONE, ORDER, SEVERAL, TEXT, read_quiz, shown
from popschool.courses.quiz_rendering import render_quiz
from tests.courses.repositories import web_course

ONE_CHOICE = """## Quelle balise donne le titre ?
<!-- id: titre -->

Regardez la page.

- [x] `<h1>`
  > Oui.
- [ ] `<big>`
  > Elle n'existe plus.
"""
IN_ORDER = "## Dans quel ordre ?\n\n1. Lire\n2. Écrire\n3. Montrer\n\n> On montre tôt.\n"
SHORT = "## Quel attribut ?\n\nVotre réponse : ____\n\n- [x] alt\n- [ ] title\n  > Pas lu.\n"
ERROR_IN_CODE = """## Où est l'erreur ?

```html
<h1>Menu</h2>

<p>Soupe</p>
```

- [x] Ligne 1
  > Ouverte en h1, fermée en h2.
- [ ] Ligne 3
"""


def only(text):
    quiz = read_quiz(text)
    assert [problem for problem in quiz.problems if problem[2] == "error"] == []
    [question] = quiz.questions
    return question


def nothing(_address):
    return None


def asked(text):
    return render_quiz(text, link=nothing, image=nothing)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ONE_CHOICE, ONE),
        (ONE_CHOICE.replace("- [ ]", "- [x]"), SEVERAL),
        (ONE_CHOICE.replace("id: titre", "id: titre; choix: plusieurs"), SEVERAL),
        (IN_ORDER, ORDER),
        (SHORT, TEXT),
        (ERROR_IN_CODE, LINE),
    ],
)
def test_what_follows_a_title_says_what_is_asked(text, kind):
    assert only(text).kind == kind


def test_a_question_keeps_its_id_when_its_words_change():
    assert only(ONE_CHOICE).key == only(ONE_CHOICE.replace("Quelle balise", "Laquelle")).key == "titre"
    assert only(IN_ORDER).key == "dans-quel-ordre"


def test_an_answer_keeps_its_key_when_its_place_changes():
    first, second = only("## ?\n- [x] a\n- [ ] b\n").answers
    again = only("## ?\n- [ ] b\n- [x] a\n").answers

    assert [answer.key for answer in again] == [second.key, first.key]


def test_a_question_has_its_text_its_answers_and_their_reasons():
    question = only(ONE_CHOICE)

    assert question.prompt == "Regardez la page."
    assert [(answer.text, answer.is_right, answer.why) for answer in question.answers] == [
        ("`<h1>`", True, "Oui."),
        ("`<big>`", False, "Elle n'existe plus."),
    ]


def test_a_quote_after_the_answers_explains_the_question():
    assert only(IN_ORDER).about == "On montre tôt."
    assert only(SHORT).about == ""


def test_a_short_answer_has_a_label_and_a_wrong_answer_that_is_foreseen():
    question = only(SHORT)

    assert question.label == "Votre réponse :"
    assert [answer.is_right for answer in question.answers] == [True, False]


def test_the_code_where_a_line_is_looked_for_is_taken_out_of_the_text():
    question = only(ERROR_IN_CODE)

    assert question.prompt == ""
    assert question.language == "html"
    assert question.code.split("\n") == ["<h1>Menu</h2>", "", "<p>Soupe</p>"]


def test_titles_and_boxes_inside_code_are_code():
    text = "## Que fait ce texte ?\n```md\n## Non\n- [x] Non\n```\n- [x] Rien\n- [ ] Tout\n"

    assert [answer.text for answer in only(text).answers] == ["Rien", "Tout"]
    assert "## Non" in only(text).prompt


def test_a_list_that_only_explains_is_not_the_answers():
    question = only("## Que choisir ?\n\n1. Ceci\n2. Cela\n\n- [x] Le premier\n- [ ] Le second\n")

    assert question.kind == ONE
    assert "1. Ceci" in question.prompt


def test_the_order_that_is_shown_says_nothing_of_the_order_that_is_right():
    question = only(IN_ORDER)
    turned = only("## Dans quel ordre ?\n\n1. Montrer\n2. Écrire\n3. Lire\n\n> On montre tôt.\n")

    assert {answer.text for answer in shown(question)} == {"Lire", "Écrire", "Montrer"}
    assert [answer.text for answer in shown(question)] != ["Lire", "Écrire", "Montrer"]
    assert [answer.text for answer in shown(turned)] != ["Montrer", "Écrire", "Lire"]


def test_an_author_may_keep_the_order_of_choices():
    text = "## Vrai ?\n<!-- ordre: fixe -->\n- [ ] Zéro\n- [x] Un\n- [ ] Deux\n- [ ] Toutes\n"

    assert [answer.text for answer in shown(only(text))] == ["Zéro", "Un", "Deux", "Toutes"]


def test_a_comment_of_the_author_is_no_setting():
    assert only(ONE_CHOICE.replace("id: titre", "À relire : avec Sam")).key == "quelle-balise-donne-le-titre"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Du texte.\n", 1, "pas de question"),
        ("\n## Une question ?\n\nDu texte.\n", 2, "pas de réponses"),
        ("## ?\n- [ ] a\n- [ ] b\n", 1, "Aucune réponse n'est juste"),
        ("## ?\n- [x] a\n", 1, "qu'une réponse"),
        ("## ?\n- [x] a\n- [ ] a\n", 3, "deux fois"),
        ("## ?\n1. a\n", 1, "qu'une réponse"),
        (ONE_CHOICE + "\n" + ONE_CHOICE, 11, "même identifiant"),
        ("## ?\n<!-- id: Pas Bon -->\n- [x] a\n- [ ] b\n", 2, "« Pas Bon » ne peut pas servir"),
        ("## ?\n<!-- choit: plusieurs -->\n- [x] a\n- [ ] b\n", 2, "« choit » n'est pas un réglage"),
        ("## ?\n<!-- ordre: libre -->\n- [x] a\n- [ ] b\n", 2, "ne va pas avec « ordre »"),
        ("## ?\n- [x] a\n- [ ] b\n\nAprès.\n", 5, "après les réponses"),
        ("## ?\n- [x] a\n- [ ] b\n\nAprès.\n\n- [ ] c\n", 7, "loin des autres"),
        ("## ?\n### Un titre\n- [x] a\n- [ ] b\n", 2, "pas d'autres titres"),
        ("## ?\nUn titre\n---\n- [x] a\n- [ ] b\n", 3, "pas d'autres titres"),
        ("## ?\n- [x] Ligne 1\n- [ ] Ligne 2\n", 1, "n'a pas de code"),
        ("## ?\n```\na\n\n```\n- [x] Ligne 2\n- [ ] Ligne 1\n", 6, "rien à la ligne 2"),
        ("## ?\n- [x] a\n\n  b\n- [ ] c\n", 2, "un paragraphe"),
        ("##\n- [x] a\n- [ ] b\n", 1, "pas de titre"),
        ("## ?\n" + "".join(f"- [x] {number}\n" for number in range(21)), 1, "Le maximum est 20"),
        ("".join(f"## {number}\n- [x] a\n- [ ] b\n" for number in range(51)), 151, "Le maximum est 50"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(text, line, words):
    found = [problem for problem in read_quiz(text).problems if problem[2] == "error"]

    assert [problem[0] for problem in found if words in problem[3]] == [line], found
    assert all(problem[4] for problem in found)


def test_lines_count_from_the_top_of_the_file():
    assert read_quiz("## ?\n- [ ] a\n- [ ] b\n", first_line=8).problems[0][0] == 8


def test_a_question_that_explains_nothing_is_only_advised():
    [problem] = read_quiz("## ?\n- [x] a\n- [ ] b\n").problems

    assert problem[2] == "advice" and "expliquée" in problem[3]


def test_what_is_asked_is_clean_and_stands_in_a_label():
    page = asked("## Un <script>alert(1)</script> `<b>` ?\n- [x] <b onclick='x()'>a</b>\n- [ ] ```x```\n")

    [question] = page.questions
    assert "script" not in question["title_html"] and "<code>&lt;b&gt;</code>" in question["title_html"]
    assert all("onclick" not in answer["html"] and "<p>" not in answer["html"] for answer in question["answers"])


def test_the_page_and_its_text_never_hold_an_answer():
    page = asked(f"# Essai\n\nBonjour.\n\n{ONE_CHOICE}\n{SHORT}")

    whole = page.html + page.text
    assert "Bonjour." in whole and "Quelle balise" in whole and "Regardez la page" in whole
    assert "existe plus" not in whole and "h1" not in whole and "title" not in whole


def test_questions_are_headings_that_a_link_may_reach():
    page = asked(f"# Essai\n\n{ONE_CHOICE}")

    assert page.headings[-1] == (2, "p-quelle-balise-donne-le-titre-", "Quelle balise donne le titre ?")


def test_an_author_previews_a_quiz_with_its_answers(tmp_path):
    for name, text in web_course(
        **{"web/p01/quiz.md": f"# Essai\n\n{ONE_CHOICE}\n{IN_ORDER}\n{ERROR_IN_CODE}"}
    ).items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    answer = make_preview(tmp_path).test_client().get(f"/courses/{tmp_path.name.lower()}/p01/quiz")

    assert answer.status_code == 200
    assert "Elle n'existe plus." in answer.text and "un choix" in answer.text and "trouver la ligne" in answer.text
    assert "<b>1.</b> Lire" in answer.text and '<b class="ln">3</b>' in answer.text
