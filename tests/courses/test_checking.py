"""Everything that a check finds, each at its line and column, with how to mend it, and whether it refuses the push."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from ruamel.yaml import YAML

from popschool.cli import main
from tests.courses.repositories import PROGRAMME, Repository, git, project, web_course

HARD = (
    "L'appropriation progressive des fonctionnalités d'administration nécessite préalablement une formalisation"
    " systématique des modalités organisationnelles."
)
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "authoring.md"


def noise(width, height):
    """A picture that no encoder makes small."""
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)).save(out, "PNG")
    return out.getvalue()


UNTAUGHT = (
    PROGRAMME.replace("blocks:", "order: [p01, nulle-part]\nblocks:")
    + "      - id: RNCP37674/3\n        title: Déployer\n        plain: Mettre en ligne\n"
)

COURSE = {
    "web/programme.yml": UNTAUGHT,
    "web/p01/projet.md": project(),
    "web/p01/01-html.md": "---\nid: html\n---\n# Le HTML\n\nUne page.\n",
    # fields
    "web/p02/projet.md": project("p02", extra="couleur: rouge\nduree: 3\n"),
    "web/p03/projet.md": "---\nid: p03\nsummary: Sans titre.\n---\n## Contexte\n\nUn.\n",
    "web/p04/projet.md": project("p04").replace("hours: 15\n", "hours: 15\nhours: 16\n"),
    # ids and competences
    "web/p05/projet.md": project("p01"),
    "web/p06/projet.md": project("p06").replace("RNCP37674/1, level: 2", "RNCP37674/9, level: 2"),
    # criteria that prove nothing
    "web/p07/projet.md": project("p07")
    .replace("  - {id: RNCP37674/2, level: 1}\n  - {id: RNCP37674/1, level: 2}\n", "")
    .replace("competences:", "competences: []"),
    "web/p08/projet.md": project("p08").replace("    asks: [link]", "    asks: [link]\n    proves: [RNCP37674/2]"),
    "web/p09/projet.md": project("p09").replace(
        'criteria:\n  - {id: horaires, text: "Les horaires sont dans un tableau."}\n', ""
    ),
    # pages
    "web/p01/02-liens.md": (
        "# Les liens\n\nLisez [la suite](absente.md), ![Un plan](absent.png)\net [le titre](01-html.md#nulle-part).\n\n"
        "Ici, [la carte de\nla ville](perdue.md) et [le menu](#pas-ici).\n\n[Dehors](../../../../etc/passwd)\n"
    ),
    "web/p01/03-images.md": "# Les images\n\n- Voyez ![](carte.png) ici.\n\n<img src=\"carte.png\">\n",
    "web/p01/carte.png": noise(40, 30),
    "web/p01/04-titres.md": "# Les titres\n\n## Un\n\n#### Trop loin\n\n### Retour\n",
    "web/p01/05-mots.md": (
        "# Les mots\n\n[Cliquez ici](01-html.md), [ici](01-html.md) ou\n[voir][1].\n\n[1]: 01-html.md\n\n"
        f"Court. {HARD}\nCourt encore.\n"
    ),
    "web/p01/06-code.md": "# Le code\n\n```\nsans langage\n```\n\n- Un\n\n  ```\n  dans une liste\n  ```\n",
    "web/p01/07-dure.md": "# Dure\n\n" + f"{HARD} " * 6 + "\n",
    "web/p01/08-lourde.md": "# Lourde\n\n" + "mot mot.\n" * 40_000,
    "web/p01/09-signe.md": "# Signe\n\nBien.\nétrange\n".encode("latin-1"),
    "web/p01/10-photo.md": "# Photo\n\n![Une photo](photo.png)\n",
    "web/p01/photo.png": noise(1200, 900),
    "web/p01/11-page.md": "---\nid: html\n---\n# Le même nom\n",
    "web/p01/12-en-tete.md": "---\ntitre: Faux\n---\n# En-tête\n",
    "web/p01/13-schema.md": "# Le trajet\n\n![Une demande part, une réponse revient](trajet.svg)\n",
    "web/p01/trajet.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"/>',
}  # fmt: skip

EXPECTED = [
    # path, line, column, level, some of the words
    ("web/programme.yml", 10, 14, "error", "Le projet « nulle-part » n'existe pas"),
    ("web/programme.yml", 21, 9, "advice", "Aucun projet ne fait apprendre la compétence « RNCP37674/3 »"),
    ("web/p02/projet.md", 19, 1, "error", "Le champ « couleur » n'existe pas"),
    ("web/p02/projet.md", 20, 1, "error", "Le champ « duree » n'existe pas"),
    ("web/p03/projet.md", 2, 1, "error", "Il manque le champ « title »"),
    ("web/p04/projet.md", 6, 1, "error", "« hours » est écrit deux fois"),
    ("web/p01/projet.md", 2, 1, "error", "aussi pris par « web/p05/projet.md »"),
    ("web/p05/projet.md", 2, 1, "error", "déjà pris par « web/p01/projet.md »"),
    ("web/p06/projet.md", 9, 5, "error", "La compétence « RNCP37674/9 » n'existe pas"),
    ("web/p07/projet.md", 13, 1, "advice", "ne prouvent aucune compétence"),
    ("web/p08/projet.md", 9, 5, "advice", "Rien dans ce projet ne prouve la compétence « RNCP37674/1 »"),
    ("web/p09/projet.md", 7, 1, "advice", "aucun critère ne les prouve"),
    ("web/p01/02-liens.md", 3, 7, "error", "Le lien « absente.md » mène à un fichier qui n'existe pas"),
    ("web/p01/02-liens.md", 3, 31, "error", "L'image « absent.png » n'existe pas"),
    ("web/p01/02-liens.md", 4, 4, "error", "Le titre « #nulle-part » n'existe pas dans « web/p01/01-html.md »"),
    ("web/p01/02-liens.md", 6, 6, "error", "Le lien « perdue.md » mène à un fichier qui n'existe pas"),
    ("web/p01/02-liens.md", 7, 25, "error", "Le titre « #pas-ici » n'existe pas"),
    ("web/p01/02-liens.md", 9, 1, "error", "sort du dépôt"),
    ("web/p01/03-images.md", 3, 9, "error", "L'image « carte.png » n'a pas de texte de remplacement"),
    ("web/p01/03-images.md", 5, 1, "error", "L'image « carte.png » n'a pas de texte de remplacement"),
    ("web/p01/04-titres.md", 5, 1, "advice", "Ce titre saute un niveau : il passe du niveau 2 au niveau 4"),
    ("web/p01/05-mots.md", 3, 1, "advice", "Le texte du lien « Cliquez ici » ne dit pas où il mène"),
    ("web/p01/05-mots.md", 3, 28, "advice", "Le texte du lien « ici » ne dit pas où il mène"),
    ("web/p01/05-mots.md", 4, 1, "advice", "Le texte du lien « voir » ne dit pas où il mène"),
    ("web/p01/05-mots.md", 8, 8, "advice", "Phrase difficile à lire"),
    ("web/p01/06-code.md", 3, 1, "advice", "Bloc de code sans langage"),
    ("web/p01/06-code.md", 9, 1, "advice", "Bloc de code sans langage"),
    ("web/p01/07-dure.md", 1, 1, "advice", "Cette page est difficile à lire"),
    ("web/p01/08-lourde.md", 1, 1, "error", "trop lourd"),
    ("web/p01/09-signe.md", 4, 1, "error", "UTF-8"),
    ("web/p01/photo.png", 1, 1, "advice", "Cette image pèse"),
    ("web/p01/11-page.md", 2, 1, "error", "déjà pris par « web/p01/01-html.md »"),
    ("web/p01/12-en-tete.md", 2, 1, "error", "Le champ « titre » n'existe pas"),
    ("web/p01/13-schema.md", 3, 1, "advice", "Le schéma « trajet.svg » n'a pas de version en mots"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("checked") / "cours"
    for path, content in COURSE.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return made


def check(*arguments, **more):
    return CliRunner().invoke(main, ["courses", "check", *map(str, arguments)], **more)


@pytest.fixture(scope="module")
def found(folder):
    answer = check(folder, "--json")
    assert answer.exit_code == 1
    return json.loads(answer.stdout)["problems"]


@pytest.mark.parametrize(("path", "line", "column", "level", "words"), EXPECTED)
def test_each_problem_is_found_at_its_place(found, path, line, column, level, words):
    here = [one for one in found if one["path"] == path and words in one["message"]]

    assert (line, column, level) in [(one["line"], one["column"], one["level"]) for one in here]


def test_every_problem_says_how_to_mend_it(folder):
    from popschool.courses.build import MemoryShelf, build
    from popschool.courses.trees import FolderTree

    problems = build(FolderTree(folder), "cours", "cours", {}, MemoryShelf()).problems

    assert len(problems) >= len(EXPECTED)
    assert [one.message for one in problems if not one.mend] == []


def test_advice_alone_refuses_nothing(tmp_path):
    (tmp_path / "web/p01").mkdir(parents=True)
    for path, content in web_course(**{"web/p01/02.md": f"# A\n\n### B\n\n{HARD}\n\n[ici](01-html.md)\n"}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)

    answer = check(tmp_path, "--json")

    problems = json.loads(answer.stdout)["problems"]
    assert answer.exit_code == 0
    assert [(one["line"], one["level"]) for one in problems] == [(3, "advice"), (5, "advice"), (7, "advice")]


def test_what_is_not_written_for_readers_is_not_judged(tmp_path):
    text = (
        "# A\n\n<!-- [mort](absent.md)\n#### Trop loin\n-->\n\n    [du code](absent.md)\n\n"
        "```md\n[mort](absent.md)\n![](absente.png)\n```\n\n`[mort](absent.md)`\n\n~~~txt\n```\n~~~\n"
    )
    for path, content in web_course(**{"web/p01/02.md": text, "web/p01/03.en.md": None}).items():
        if content is not None:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content)

    assert json.loads(check(tmp_path, "--json").stdout)["problems"] == []


@pytest.mark.parametrize(
    "text",
    [
        "You should systematically consider the organisational implications of administrative responsibilities.",
        "Der Verantwortungsbereich der Organisationsentwicklung ist die Zusammenarbeit und die Kommunikation.",
    ],
)
def test_only_french_is_measured(tmp_path, text):
    for path, content in web_course(**{"web/p01/02.md": f"# A\n\n{text}\n"}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)

    assert json.loads(check(tmp_path, "--json").stdout)["problems"] == []


def test_a_heading_written_in_html_or_in_a_note_can_be_named(tmp_path):
    text = "# A\n\n<h2>Installer</h2>\n\n!!! note\n    ### Dans la note\n\n[un](#installer) [deux](#dans-la-note)\n"
    for path, content in web_course(**{"web/p01/02.md": text}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)

    assert json.loads(check(tmp_path, "--json").stdout)["problems"] == []


def test_a_ci_service_shows_each_problem_beside_its_line(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)

    answer = check("cours", "--format", "github")

    lines = answer.stdout.splitlines()
    assert answer.exit_code == 1 and answer.stderr == ""
    assert all(re.match(r"::(error|warning) file=cours/\S+?,line=\d+,col=\d+::\S", line) for line in lines)
    assert any(
        line.startswith("::error file=cours/web/p02/projet.md,line=19,col=1::Le champ « couleur » n'existe pas")
        for line in lines
    )
    assert any(line.startswith("::warning file=cours/web/p01/04-titres.md,line=5,col=1::") for line in lines)
    assert len(lines) == len(json.loads(check("cours", "--json").stdout)["problems"])


def test_what_ci_commands_reserve_is_escaped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path, content in web_course(**{"web/p01/a,b.md": "# A\n\n[un](100%25.md)\n"}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)

    (line,) = check(".", "--format", "github").stdout.splitlines()

    assert line.startswith("::error file=web/p01/a%2Cb.md,line=3,col=1::")
    assert "« 100%2525.md »" in line


def test_two_forms_at_once_is_a_wrong_call(folder):
    assert check(folder, "--json", "--format", "github").exit_code == 2


def test_a_terminal_shows_colours_and_the_line_itself(folder, monkeypatch):
    plain = check(folder)
    coloured = check(folder, color=True)
    monkeypatch.setenv("NO_COLOR", "1")
    asked = check(folder, color=True)

    assert "\x1b[" not in plain.stderr
    assert "\x1b[31m" in coloured.stderr and "\x1b[33m" in coloured.stderr
    assert "\x1b[" not in asked.stderr
    assert all(re.match(r"\S+:\d+: ", line) for line in plain.stderr.splitlines())


def test_a_person_sees_the_line_and_the_place_in_it():
    from popschool.courses.reporting import terminal_lines

    problem = {"path": "a.md", "line": 12, "column": 5, "level": "error", "message": "Faux.", "mend": "Mieux."}

    said = list(terminal_lines([problem | {"excerpt": "Une phrase"}], with_excerpts=True))

    bare = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in said]
    assert bare == ["a.md:12: Faux. Mieux.", "    12 │ Une phrase", "       │     ^"]


def block_of(language, mark):
    """Return the first block of the documentation in this language that holds some words."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENTATION.read_text(), re.DOTALL | re.MULTILINE)
    return next(block for block in blocks if mark in block)


def test_the_documented_hook_refuses_a_commit_and_looks_at_what_is_committed(tmp_path, monkeypatch):
    repository = Repository(tmp_path / "cours")
    repository.commit(web_course())
    hook = repository.folder / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(block_of("sh", "checkout-index"))
    hook.chmod(0o755)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    page = repository.folder / "web/p01/01-html.md"

    page.write_text("# Le HTML\n\n[mort](absent.md)\n")
    git(repository.folder, "add", "--all")
    page.write_text("# Le HTML\n\nCorrigé, mais pas ajouté.\n")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        git(repository.folder, "commit", "-m", "Casser")
    assert b"web/p01/01-html.md:3: " in refused.value.stderr

    git(repository.folder, "add", "--all")
    git(repository.folder, "commit", "-m", "Corriger")
    assert git(repository.folder, "log", "-1", "--format=%s") == "Corriger"


def test_the_documented_ci_files_check_the_repository():
    github = YAML(typ="safe").load(block_of("yaml", "runs-on"))
    gitlab = YAML(typ="safe").load(block_of("yaml", "merge_request_event"))

    steps = [step.get("run", "") for step in github["jobs"]["courses"]["steps"]]
    assert any("popschool courses check . --format github" in step for step in steps)
    assert any("popschool courses check ." in line for line in gitlab["courses"]["script"])


def test_a_mistake_in_a_head_hides_none_of_those_below_it_or_elsewhere(tmp_path):
    course = web_course(
        **{
            "web/programme.yml": PROGRAMME.replace("hours: 100", "hours: cent") + "order: [p01, p02, p09]\n",
            "web/p01/projet.md": project(extra="couleur: rouge\n", body="\n[mort](absent.md)\n"),
            "web/p01/01-html.md": "# Le HTML\n\n[Le menu](../p02/projet.md#nulle-part)\n",
            "web/p02/projet.md": project("p02").replace("title: La page\nsummary", "titre: La page\nsummary"),
        }
    )
    found = sorted((one["path"], one["message"]) for one in problems_of(tmp_path, course))

    expected = [
        ("web/p01/01-html.md", "Le titre « #nulle-part » n'existe pas dans « web/p02/projet.md »."),
        ("web/p01/projet.md", "Le champ « couleur » n'existe pas ici."),
        ("web/p01/projet.md", "Le lien « absent.md » mène à un fichier qui n'existe pas."),
        ("web/p02/projet.md", "Il manque le champ « title »."),
        ("web/p02/projet.md", "Le champ « titre » n'existe pas ici."),
        ("web/programme.yml", "Le projet « p09 » n'existe pas dans ce programme."),
        ("web/programme.yml", "« hours » doit être un nombre entier."),
    ]
    assert [(path, said[: len(words)]) for (path, said), (_, words) in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("web/programme.yml", "id: RNCP37674/1", "id: 1"),
        ("web/p01/projet.md", "level: 1}", "level: 9}"),
        ("web/p01/projet.md", "asks: [link]", "asks: [liens]"),
        ("web/p01/projet.md", "id: p01", "id: P 01"),
    ],
)
def test_a_field_with_a_mistake_is_not_said_to_be_missing_elsewhere(tmp_path, path, before, after):
    course = web_course(**{"web/programme.yml": f"{PROGRAMME}order: [p01, p02]\n", "web/p01/projet.md": project()})
    course[path] = course[path].replace(before, after, 1)
    assert [one["path"] for one in problems_of(tmp_path, course)] == [path]


@pytest.mark.parametrize("head", ["title: [La page", "- une liste", "id: p01\n\ttitle: x"])
def test_a_head_that_does_not_read_is_one_problem_not_two(tmp_path, head):
    """The project may be the one that the programme names, and teach what nothing else teaches."""
    course = web_course(**{"web/programme.yml": f"{PROGRAMME}order: [p01, p02]\n"})
    course["web/p01/projet.md"] = f"---\n{head}\n---\n# La page\n"

    assert [one["path"] for one in problems_of(tmp_path, course)] == ["web/p01/projet.md"]


def test_the_fields_that_read_in_a_head_that_does_not_are_compared_all_the_same(tmp_path):
    course = web_course(**{"web/programme.yml": f"{PROGRAMME}order: [p01, p02, p09]\n"})
    course["web/p01/projet.md"] = (
        project().replace("title: La page", "title: [La page").replace("{id: RNCP37674/2", "{id: RNCP37674/9")
    )
    found = [(one["path"], one["line"], one["message"]) for one in problems_of(tmp_path, course)]

    head = course["web/p01/projet.md"].splitlines()
    wrong = next(number for number, line in enumerate(head, 1) if "RNCP37674/9" in line)
    assert [(path, line) for path, line, _ in found if path == "web/p01/projet.md"] == [
        ("web/p01/projet.md", head.index("title: [La page") + 2),
        ("web/p01/projet.md", wrong),
    ]
    assert [said for path, _, said in found if path == "web/programme.yml"] == [
        "Le projet « p09 » n'existe pas dans ce programme. Projets possibles : p01, p02."
    ]


def problems_of(folder: Path, course: dict[str, str]) -> list[dict]:
    """Write a course and check it."""
    for path, content in course.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    return json.loads(check(folder, "--json").stdout)["problems"]
