"""A diagram has a twin in words, just below it: authors are told when it is missing, readers open it."""

import pytest

from popschool.courses.diagrams import without_twin
from popschool.courses.lines import readable
from popschool.markdown import Image, render

FIGURE = '![Schéma. Une demande part, une réponse revient.](trajet.svg "Un aller-retour")'
TWIN = (
    "<details>\n<summary>Le schéma en mots</summary>\n\n1. Une demande **part**.\n2. Une réponse revient.\n\n</details>"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# A\n\n{FIGURE}\n\nLa suite.\n", [(3, 1, "trajet.svg")]),
        (f"{FIGURE}\n", [(1, 1, "trajet.svg")]),
        (f"1. Regardez.\n\n   {FIGURE}\n", [(3, 4, "trajet.svg")]),
        ("![Le cycle de l'eau](eau.svg)\n", [(1, 1, "eau.svg")]),
        ("![Graphique : 40 % en 2025](ventes.png)\n", [(1, 1, "ventes.png")]),
        (f"{FIGURE}\n\n{TWIN}\n", []),
        (f'{FIGURE}\n\n??? "Le schéma en mots"\n    Une demande part.\n', []),
        ("![Dessin. Une main lève un crayon.](main.svg)\n", []),
        ("![Une photo de l'atelier](atelier.jpg)\n", []),
        ("Avant ![Schéma](petit.svg) après.\n", []),
        ("![Schéma](https://example.org/dehors.svg)\n", []),
        (f"```md\n{FIGURE}\n```\n", []),
    ],
)
def test_a_diagram_without_its_twin_is_found_at_its_place(text, expected):
    assert list(without_twin(list(readable(text)))) == expected


def test_a_twin_opens_below_its_figure_and_is_printed_with_it():
    made = render(
        f"# A\n\n{FIGURE}\n\n{TWIN}\n\nLa suite.\n\n<details><summary>Un indice</summary>\n\nLisez.\n\n</details>\n",
        image=lambda src: Image("/media/trajet.webp", 640, 360),
    ).html.replace("\n", "")

    assert (
        '</figure><details class="said"><summary>Le schéma en mots</summary><ol><li>Une demande <strong>part</strong>'
        in made
    )
    assert "<details><summary>Un indice</summary>" in made
