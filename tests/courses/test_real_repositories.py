"""Course repositories as they are on forges, rebuilt in shape: none of them has to change anything to be read.

Three of the usual layouts: numbered folders with a README each and translations beside; a book with a SUMMARY.md; a
site built by another tool, with its front matter, its templates and its addresses without endings.
"""

import io
import time

import pytest
from PIL import Image
from sqlalchemy import func, select

from popschool.courses import plain, sync
from popschool.courses.build import MemoryShelf, build
from popschool.courses.models import Page, PageVersion, ProjectVersion, Rendered
from popschool.courses.trees import FolderTree
from popschool.db import db
from popschool.markdown import render
from tests.conftest import NOW
from tests.courses.repositories import Repository, git
from tests.factories import make_source, save


def picture(shade=0):
    out = io.BytesIO()
    Image.new("RGB", (64, 40), (shade % 256, shade // 256 % 256, 90)).save(out, "PNG")
    return out.getvalue()


def built(folder, files):
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
    shelf = MemoryShelf()
    return build(FolderTree(folder), "cours", "Un cours", {}, shelf), shelf


def outline(made):
    """Return the chapters in order, each with its pages in order; a variant follows its page as "title (language)"."""
    found = []
    for chapter in sorted(made.course.projects, key=lambda one: one.position):
        pages = [page for page in made.course.pages if page.project == chapter.key]
        pages.sort(key=lambda page: (page.position, page.variant))
        found.append((chapter.title, [page.title + (f" ({page.variant})" if page.variant else "") for page in pages]))
    return found


def page_html(made, shelf, path):
    return shelf.pages[made.hashes[path]].html


LESSONS = ("1-debuter", "2-js", "10-projet")
NUMBERED = {
    "README.md": (
        "# Le web pour débuter\n\n"
        '<p align="center"><img src="images/banniere.png" alt="Une bannière" width="100"></p>\n\n'
        "| | Leçon |\n|---|---|\n"
        "| 1 | [Les langages](./1-debuter/1-langages/README.md) |\n| 2 | [Git](1-debuter/2-git/) |\n"
        "| 3 | [Les variables](2-js/1-variables/README.md) |\n| 4 | [Le projet](10-projet/README.md) |\n"
    ),
    "CONTRIBUTING.md": "# Contribuer\n",
    "LICENSE": "MIT",
    "images/banniere.png": picture(),
    "1-debuter/README.md": "# Débuter\n",
    "1-debuter/1-langages/README.md": (
        "# Les langages\n\n![Un schéma](images/schema.png)\n\n"
        "[Le devoir](assignment.md) [suite](../2-git/README.md#cloner)\n"
        "\n<details>\n<summary>Indice</summary>\n\n**Relisez.**\n\n</details>\n\n<script>alert(1)</script>\n"
        '<a href="javascript:alert(1)" onclick="x()">piège</a> <iframe src="https://example.org"></iframe>\n'
    ),
    "1-debuter/1-langages/assignment.md": "# Le devoir\n",
    "1-debuter/1-langages/images/schema.png": picture(5),
    "1-debuter/1-langages/translations/README.es.md": "# Los lenguajes\n\n![](../images/schema.png)\n",
    "1-debuter/1-langages/translations/README.zh-cn.md": "# 语言\n",
    "1-debuter/1-langages/translations/assignment.es.md": "# La tarea\n",
    "1-debuter/2-git/README.md": "# Git\n\n## Cloner\n",
    "2-js/1-variables/README.md": "# Les variables\n",
    "2-js/2-fonctions/README.md": "# Les fonctions\n",
    "10-projet/README.md": "# Le projet\n",
    "10-projet/solution/index.js": "x",
    "translations/fr/1-debuter/2-git/README.md": "# Git en français\n",
    ".github/pull_request_template.md": "# PR\n",
    "node_modules/x/README.md": "# Un paquet\n",
}


def test_numbered_folders_follow_the_links_of_the_readme_with_their_translations(tmp_path):
    made, shelf = built(tmp_path, NUMBERED)

    assert not made.course.has_errors
    assert outline(made) == [
        ("Le web pour débuter", ["Le web pour débuter", "Contribuer"]),
        ("Les langages", ["Les langages", "Los lenguajes (es)", "语言 (zh-cn)", "Le devoir", "La tarea (es)"]),
        ("Git", ["Git", "Git en français (fr)"]),
        ("Les variables", ["Les variables"]),
        ("Le projet", ["Le projet"]),
        ("Débuter", ["Débuter"]),
        ("Les fonctions", ["Les fonctions"]),
    ]
    page = page_html(made, shelf, "1-debuter/1-langages/README.md")
    assert "/courses/cours/1-debuter-2-git#p-cloner" in page
    assert "<summary>Indice</summary>" in page and "<b>Relisez.</b>" in page.replace("strong", "b")
    assert "script" not in page and "onclick" not in page and "iframe" not in page and "javascript" not in page
    banner = page_html(made, shelf, "README.md")
    assert 'alt="Une bannière"' in banner and "/courses/cours/10-projet" in banner


def test_an_image_without_words_says_so_on_the_page_and_in_the_report(tmp_path):
    made, shelf = built(tmp_path, NUMBERED)
    path = "1-debuter/1-langages/translations/README.es.md"

    assert 'alt="Image sans description"' in page_html(made, shelf, path)
    (said,) = [one for one in made.problems if one.path == path]
    assert (said.line, said.level) == (3, "advice") and "texte de remplacement" in said.message


BOOK = {
    "book.toml": "[book]\n",
    "README.md": "# Le dépôt du livre\n",
    "src/SUMMARY.md": (
        "# Sommaire\n\n[Bienvenue](README.md)\n\n# Jour 1\n\n- [Les types](types.md)\n"
        "  - [Les nombres](types/nombres.md)\n"
        "  - [Les textes](types/textes.md)\n- [Les boucles](boucles.md)\n  - [Exercice](boucles/exercice.md)\n"
        "    - [Solution](boucles/solution.md)\n- [À venir]()\n"
    ),
    "src/README.md": "# Bienvenue\n\n{{#include ../LICENSE}}\n",
    "src/types.md": "# Les types\n\n[Les nombres](types/nombres.html), [les boucles](boucles.md)\n",
    "src/types/textes.md": "# Les textes\n",
    "src/types/nombres.md": "---\nminutes: 5\n---\n\n# Les nombres\n\n```rust,editable\nfn main() {}\n```\n",
    "src/boucles.md": "# Les boucles\n\n[mort](absente.md)\n",
    "src/boucles/solution.md": "# La solution\n",
    "src/boucles/exercice.md": "# L'exercice\n",
}


def test_a_book_follows_its_summary(tmp_path):
    made, shelf = built(tmp_path, BOOK)

    assert not made.course.has_errors
    assert outline(made) == [
        ("Le dépôt du livre", ["Le dépôt du livre"]),
        ("Bienvenue", ["Bienvenue", "Les types", "Les boucles"]),
        ("Types", ["Les nombres", "Les textes"]),
        ("Boucles", ["L'exercice", "La solution"]),
    ]
    assert "/courses/cours/src-types/nombres" in page_html(made, shelf, "src/types.md")
    assert 'class="lang"' not in page_html(made, shelf, "src/types/nombres.md")
    assert "<p>mort</p>" in page_html(made, shelf, "src/boucles.md")
    assert [(one.path, one.line, one.level) for one in made.problems if "absente.md" in one.message] == [
        ("src/boucles.md", 3, "advice")
    ]


SITE = {
    "package.json": "{}",
    "README.md": "# Un site de cours\n",
    "static/img/carte.png": picture(9),
    "docs/fr/intro.md": (
        "---\nid: intro\ntitle: \"Bien débuter\"\nsidebar_position: 1\nslug: /\ntags: [a, b]\n---\n\n"
        "import Tabs from '@theme/Tabs';\n\n![Une carte](/img/carte.png)\n\n"
        "[Suite](./installer) [encore](../fr/bases/)\n"
    ),
    "docs/fr/installer.md": "---\nid: intro\ntitle: Installer\nsidebar_position: 2\n---\n\n## Linux\n",
    "docs/fr/bases/_index.md": "+++\ntitle = \"Les bases\"\nweight = 3\n+++\n\nTexte.\n",
    "docs/en/intro.md": "---\ntitle: Getting started\n---\n\nHello.\n",
    "docs/en/installer.md": "---\ntitle: Install\n---\n\nHello.\n",
    "_episodes/02-suite.md": (
        "---\ntitle: La suite\nteaching: 10\nquestions:\n- \"Pourquoi ?\"\n---\n{% include base.html %}\n"
    ),
    "_episodes/01-debut.md": "---\ntitle: Le début\n---\nVoir [la suite](02-suite.html) ou [là](../02-suite/).\n",
    "_includes/pied.md": "# Pied\n",
    "_site/index.md": "# Construit\n",
    "docs/fr/日本.md": "# Une page\n",
    "docs/fr/中文.md": "# Une autre\n",
}  # fmt: skip


def test_a_site_of_another_tool_keeps_its_titles_its_languages_and_its_addresses(tmp_path):
    made, shelf = built(tmp_path, SITE)

    assert not made.course.has_errors
    assert outline(made) == [
        ("Un site de cours", ["Un site de cours"]),
        ("Episodes", ["Le début", "La suite"]),
        ("Fr", ["Installer", "Install (en)", "Bien débuter", "Getting started (en)", "Une autre", "Une page"]),
        ("Les bases", ["Les bases"]),
    ]
    intro = page_html(made, shelf, "docs/fr/intro.md")
    assert "sidebar_position" not in intro and '<img src="/media/' in intro
    assert "/courses/cours/docs-fr/installer" in intro and "/courses/cours/docs-fr-bases" in intro
    episode = page_html(made, shelf, "_episodes/01-debut.md")
    assert episode.count("/courses/cours/episodes/02-suite") == 2
    assert [one.message for one in made.problems if "champ" in one.message or "YAML" in one.message] == []


def test_names_are_sorted_as_people_count():
    assert sorted(["10-z", "2-b", "1-a", "B", "a"], key=plain.natural) == ["1-a", "2-b", "10-z", "a", "B"]


@pytest.mark.parametrize(
    ("path", "others", "expected"),
    [
        ("README.fr.md", ["README.md"], ("README.md", "fr")),
        ("README-fr.md", ["README.md"], ("README.md", "fr")),
        ("a/translations/README.pt_BR.md", ["a/README.md"], ("a/README.md", "pt-br")),
        ("translations/fr/a/b.md", ["a/b.md"], ("a/b.md", "fr")),
        ("docs/en/a.md", ["docs/fr/a.md"], ("docs/fr/a.md", "en")),
        ("docs/es/a.md", ["docs/en/a.md"], ("docs/en/a.md", "es")),
        ("intro.js.md", ["intro.md"], None),
        ("README.fr.md", [], None),
        ("en/a.md", ["b.md"], None),
    ],
)
def test_translations_are_known_by_their_place(path, others, expected):
    assert plain.translations([path, *others]).get(path) == expected


def test_what_is_not_in_french_is_still_what_it_was():
    assert render("![](a.png)").html == "<p>Image sans description</p>"


@pytest.mark.usefixtures("app")
def test_a_large_repository_with_a_long_history_is_read_in_a_few_seconds(tmp_path):
    repository = Repository(tmp_path / "grand")
    files = {"README.md": "# Un grand cours\n\n" + "".join(f"- [{n}](chapitre-{n}/README.md)\n" for n in range(60))}
    for chapter in range(60):
        files[f"chapitre-{chapter}/README.md"] = f"# Chapitre {chapter}\n\n" + "".join(
            f"- [Page {page}](page-{page}.md)\n" for page in range(20)
        )
        for page in range(20):
            files[f"chapitre-{chapter}/page-{page}.md"] = (
                f"# Page {page}\n\nUne phrase courte. [Après](page-{(page + 1) % 20}.md)\n"
                + (f"\n![Une image](img/{page}.png)\n" if page < 5 else "")
            )
        files |= {f"chapitre-{chapter}/img/{page}.png": picture(chapter * 5 + page) for page in range(5)}
        files |= {f"chapitre-{chapter}/code/{n}.py": "print()\n" for n in range(8)}
    repository.commit(files)
    lines = []
    for number in range(400):
        when = 1_400_000_000 + number * 80_000
        lines.append(
            f"commit refs/heads/main\nmark :{number + 1}\ncommitter A <a@example.org> {when} +0000\n"
            f"data 3\nfin\nfrom {'refs/heads/main^0' if not number else f':{number}'}\n"
            f"M 100644 inline HISTOIRE.txt\ndata {len(str(number))}\n{number}\n"
        )
    git(repository.folder, "fast-import", "--quiet", "--force", data="".join(lines).encode())
    source = make_source(name="grand", url=repository.url, is_local=True)
    save()
    assert len(files) > 2000

    began = time.process_time()
    outcome = sync.synchronise(source, NOW)
    spent = time.process_time() - began

    assert (outcome.outcome, outcome.pages) == ("published", 1261)
    assert spent < 20  # CPU of this process; the pages themselves are made in two others
    titles = select(ProjectVersion.title).order_by(ProjectVersion.position)
    assert list(db.session.scalars(titles))[:4] == ["Un grand cours", "Chapitre 0", "Chapitre 1", "Chapitre 2"]
    assert db.session.scalar(select(func.count()).select_from(Rendered)) > 1000
    order = (
        select(PageVersion.title)
        .join(Page, Page.id == PageVersion.page_id)
        .where(Page.key.like("chapitre-7/%"))
        .order_by(PageVersion.position)
    )
    assert list(db.session.scalars(order)) == ["Chapitre 7", *(f"Page {number}" for number in range(20))]
