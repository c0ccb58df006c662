"""What a course covers is worked out from its files."""

import re

from click.testing import CliRunner

from popschool.courses.commands import courses
from popschool.courses.coverage import proofs_of
from popschool.courses.parts import ProjectPart

PROGRAMME = """id: web
title: Le web
kind: bootcamp
hours: 30
blocks:
  - title: Les pages
    competences:
      - {id: web/1, title: Installer}
      - {id: web/2, title: Maquetter, plain: Dessiner}
"""
BRIEF = """---
id: p01-page
title: La page
hours: 20
competences:
  - {id: web/1, level: 1}
  - {id: web/2, level: 3}
deliverables:
  - {id: page, title: La page, asks: [text], proves: [web/2]}
criteria:
  - {id: titre, of: page, text: "La page a un titre."}
---
## Contexte

Le comptoir ouvre à neuf heures. Personne ne le sait. Vous faites une page. On la lit sur un petit écran.
"""


def write(folder, **files):
    for name, text in {"programme.yml": PROGRAMME, "p01/projet.md": BRIEF, **files}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return CliRunner().invoke(courses, ["coverage", str(folder)])


def test_a_competence_counts_where_a_deliverable_proves_it(tmp_path):
    said = write(tmp_path)

    assert said.exit_code == 0, said.output
    assert "| web/1 Installer |  |  |  | 0 |" in said.output
    assert "| web/2 Dessiner |  |  | P01 | 1 |" in said.output


def test_hours_projects_and_pages_are_told(tmp_path):
    said = write(tmp_path)

    assert "30 h: 20 h in 1 project, 10 h beside them." in said.output
    assert "| P01 La page | 20 | alone | 1 → 1, 2 → 3 | page |" in said.output
    assert re.search(r"^\| p01/projet\.md \| \d+ \| 1 \|$", said.output, re.MULTILINE)


def test_a_course_with_errors_is_not_measured(tmp_path):
    said = write(tmp_path, **{"p01/projet.md": BRIEF.replace("title: La page\n", "", 1)})

    assert said.exit_code == 1
    assert "What the courses teach" not in said.output


def test_a_deliverable_that_no_criterion_judges_proves_nothing():
    front = {
        "competences": [{"id": "web/1", "level": 2}],
        "deliverables": [{"id": "page", "proves": []}, {"id": "texte", "proves": []}],
    }
    project = ProjectPart("p", "web", 1, "P", "", 1, "alone", None, "p/projet.md", front)

    front["criteria"] = [{"id": "un", "of": "autre"}]
    assert proofs_of([project]) == {}

    front["criteria"] = [{"id": "un", "of": "texte"}]
    assert proofs_of([project]) == {"web/1": [(project, 2)]}
