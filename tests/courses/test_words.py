"""Every sentence about a course has its template, so that it is said in the language of the page."""

import ast
import re
from pathlib import Path

import pytest
from flask_babel import force_locale

from popschool import courses, markdown_pass
from popschool.courses import words

FOLDER = Path(courses.__file__).parent
# What these say is for a terminal, a document, forms, or pages that have gettext.
OTHERS = {"commands.py", "coverage.py", "forms.py", "preview.py", "reporting.py", "routes_base.py", "words.py"}
SOURCES = [
    *(path for path in sorted(FOLDER.glob("*.py")) if path.name not in OTHERS and "routes" not in path.name),
    Path(markdown_pass.__file__),
]
SENTENCE = re.compile(r"[A-ZÀ-Þ«].* .*[.?]|[A-ZÀ-Þ].*\. .*", re.DOTALL)
SQL_OR_ENGLISH = re.compile(r"(SELECT|GET|POST|Raises|Return)\b")
# Put together from pieces: each with one of the sentences that it gives.
COMPOSED = {
    "Le champ{} est écrit deux fois.": "Le champ « id » est écrit deux fois.",
    "« {} » {}.": "« level » doit être un nombre entier.",
    "{}Les noms possibles sont dans « programme.yml ».": (
        "Écrivez « web/1 ». Les noms possibles sont dans « programme.yml »."
    ),
    "C'est un {} : il n'est jamais suivi.": "C'est un sous-module : il n'est jamais suivi.",
    "Cette page est difficile à lire. Lisibilité mesurée : {}. Visée : {}.{}": (
        "Cette page est difficile à lire. Lisibilité mesurée : 42. Visée : 80. 9 phrases sont difficiles."
    ),
}
# What else the composed ones give, when a piece is empty or another.
OTHERWISE = {
    "Projets possibles : aucun.",
    "Livrables possibles : aucun.",
    "La lecture n'a pas abouti.",
    "Le champ est écrit deux fois.",
    "C'est un lien symbolique : il n'est jamais suivi.",
}


def written(path):
    """Return the sentences of a file as templates, "{}" standing for each fact."""
    tree = ast.parse(path.read_text())
    left_out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            left_out.add(id(node.value))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "_l", "ngettext"):
            left_out |= {id(inner) for inner in ast.walk(node)}
        elif isinstance(node, ast.JoinedStr):
            left_out |= {id(value) for value in node.values}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        else:
            continue
        if SENTENCE.fullmatch(text.strip()) and not SQL_OR_ENGLISH.match(text):
            yield text.strip()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_sentence_has_its_template(path):
    examples = [COMPOSED.get(text, text.replace("{}", "x1")) for text in written(path)]

    assert [example for example in examples if words.made_from(example)[0] is None] == []


def test_a_sentence_without_a_template_is_seen(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text(
        '"""A docstring is none."""\nwords = f"Le gâteau « {name} » est trop cuit."\nsaid = _("Bonjour à tous.")\n'
    )

    assert list(written(path)) == ["Le gâteau « {} » est trop cuit."]
    assert words.made_from("Le gâteau « x1 » est trop cuit.")[0] is None


def test_no_template_stays_that_no_file_says_any_more():
    examples = [COMPOSED.get(text, text.replace("{}", "x1")) for path in SOURCES for text in written(path)]
    used = {words.made_from(example)[0] for example in examples} | OTHERWISE
    text = "\n".join(path.read_text() for path in SOURCES)

    def piece(template):
        return max(re.split(r"%\(\w+\)s|« | »", template), key=len).strip(" .")

    assert [one for one in words.SENTENCES if one not in used and piece(one) not in text] == []


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("Ce questionnaire n'a pas de question.", "This quiz has no question."),
        ("Le lien « ../secret » sort du dépôt.", "The link “../secret” leads out of the repository."),
        ("Écrivez « id: web ».", "Write “id: web”."),
        ("« level » doit être au plus 3.", "“level” must be at most 3."),
        (
            "La lecture n'a pas abouti. Le dépôt ne répond pas.",
            "The synchronisation did not finish. The repository does not answer.",
        ),
        ("Une phrase d'avant que personne ne connaît.", "Une phrase d'avant que personne ne connaît."),
    ],
)
def test_a_sentence_is_said_in_english_with_its_facts(app, french, english):
    with app.test_request_context(), force_locale("en"):
        assert words.said(french) == english


def test_in_french_a_sentence_stays_and_has_its_spaces_held(app):
    with app.test_request_context(), force_locale("fr"):
        assert words.said("Peut-être « projet.md » ?") == "Peut-être «\u00a0projet.md\u00a0»\u202f?"


def test_what_an_author_wrote_is_never_taken_for_a_template(app):
    with app.test_request_context(), force_locale("en"):
        assert (
            words.said("Le lien « %(href)s 100 % » sort du dépôt.")
            == "The link “%(href)s 100 %” leads out of the repository."
        )
