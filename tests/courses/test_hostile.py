"""Broken and hostile repositories: never a crash, always a problem with its file, and the last good revision serves."""

import struct
import time
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from popschool.courses.build import MemoryShelf, build
from popschool.courses.documents import read_facts
from popschool.courses.limits import TooSlow, within
from popschool.courses.trees import CommitTree, FolderTree
from popschool.git import Mirror, Remote
from tests.courses.repositories import PROGRAMME, Repository, project, web_course

BILLION = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
)


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "cours")


@pytest.fixture
def read(repository, tmp_path):
    """Build the last commit as a sync does."""

    def run():
        mirror = Mirror(tmp_path / "mirror.git")
        commit = mirror.fetch(Remote(repository.url, is_local=True))
        return build(CommitTree(mirror, commit), "web", "Web", {}, MemoryShelf())

    return run


def problems(made):
    return {(one.path, one.line): one.message for one in made.problems if one.level == "error"}


def test_a_symbolic_link_is_named_and_never_followed(repository, read):
    repository.commit(web_course())
    repository.commit_tree(("120000", "web/p01/secret.md", "/etc/passwd"))

    made = read()

    assert "lien symbolique" in problems(made)["web/p01/secret.md", 1]
    assert all("root:" not in str(page) for page in made.course.pages)


def test_a_module_is_named(repository, read):
    repository.commit(web_course())
    repository.commit_tree(("160000", "web/module", "1" * 40))

    assert "sous-module" in problems(read())["web/module", 1]


def test_two_names_that_only_differ_by_capitals(repository, read):
    repository.commit(web_course())
    repository.commit_tree(("100644", "web/p01/01-HTML.md", "# Deux"))

    assert any("ne se distingue pas" in message for message in problems(read()).values())


def test_a_file_that_is_not_text(repository, read):
    repository.commit(
        web_course(**{"web/p01/02.md": b"# A\n\n\x00\x01", "web/p01/03.md": "# B\n\nété\n".encode("latin-1")})
    )

    found = problems(read())

    assert "n'est pas du texte" in found["web/p01/02.md", 1]
    assert "UTF-8" in found["web/p01/03.md", 3]


def test_a_huge_page_is_not_read(repository, read):
    repository.commit(web_course(**{"web/p01/02.md": "# A\n" + "mot " * 200_000}))

    assert "trop lourd" in problems(read())["web/p01/02.md", 1]


def test_the_same_id_twice_is_said_on_both(repository, read):
    repository.commit(web_course(**{"web/p03/projet.md": project("p01")}))

    found = problems(read())

    assert "déjà pris par « web/p01/projet.md »" in found["web/p03/projet.md", 2]
    assert "aussi pris par « web/p03/projet.md »" in found["web/p01/projet.md", 2]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("[a](../../../etc/passwd)", "sort du dépôt"),
        ("[a](..%2f..%2f..%2f..%2fetc/passwd)", "sort du dépôt"),
        ("![a](../../../../secret.png)", "sort du dépôt"),
        ("[a](absent.md)", "n'existe pas"),
        ("![a](absente.png)", "n'existe pas"),
        ("![a](01-html.md)", "n'est pas une image"),
        ("![a](https://example.org/a.png)", "autre site"),
    ],
)
def test_a_link_that_leads_out_or_nowhere(repository, read, link, words):
    repository.commit(web_course(**{"web/p01/02.md": f"# A\n\nVoir {link}.\n"}))

    assert words in problems(read())["web/p01/02.md", 3]


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ("[a](javascript:alert(1))", "javascript:alert(1)"),
        ("<a href='file:///etc/passwd'>a</a>", "file:///etc/passwd"),
    ],
)
def test_a_link_that_a_page_may_not_hold_is_said(repository, read, link, href):
    repository.commit(web_course(**{"web/p01/02.md": f"# A\n\nVoir {link} et [la suite](mailto:a@example.org).\n"}))

    said = [one.message for one in read().problems if "retiré" in one.message]

    assert said == [f"Le lien « {href} » est retiré de la page."]


def test_an_image_needs_words(repository, read):
    repository.commit(web_course(**{"web/p01/02.md": "# A\n\n![](a.gif)\n", "web/p01/a.gif": b"GIF89a"}))

    assert any("remplacement" in one.message and one.line == 3 for one in read().problems)


def test_a_link_to_a_heading_that_is_not_there(repository, read):
    repository.commit(web_course(**{"web/p01/02.md": "# A\n\n[un](01-html.md#le-htm) [deux](01-html.md#le-html)\n"}))

    made = read()

    assert "titre « #le-htm » n'existe pas" in problems(made)["web/p01/02.md", 3]
    assert [one.mend for one in made.problems if one.level == "error"] == ["Écrivez « #le-html »."]


@pytest.mark.parametrize(
    ("yaml", "line"),
    [
        ("id: p09\ntitle: [a\n", 4),
        ("id: p09\nid: p10\ntitle: A\n", 3),
        ("id: p09\ntitle: A\nx: &a [*a]\n", 4),
        (BILLION, None),
        ("id: P09\ntitle: A\n", 2),
        ("title: A\n", None),
        ("id: p09\ntitle: A\nwork: solo\n", 4),
        ("id: p09\ntitle: A\nhours: douze\n", 4),
        ("id: p09\ntitle: A\nteam_size: 3\n", 4),
        ("id: p09\ntitle: A\ncriteria:\n  - {id: a, text: B, of: rien}\n", 5),
        ("id: p09\ntitle: A\ndeliverables:\n  - {id: a, title: B, asks: [photo]}\n", 5),
        ("id: p09\ntitle: A\nstarter: ../..\n", 4),
        ("id: p09\ntitle: A\nstarter: absent\n", 4),
        ("- un\n- deux\n", None),
        ("!!python/object/apply:os.system ['true']\n", None),
        ("? [a]\n: b\n", None),
        ("\t- a", None),
        ("{" * 400, None),
        ("a: " + "[" * 3000, None),
    ],
)  # fmt: skip
def test_front_matter_that_cannot_be(repository, read, yaml, line):
    repository.commit(web_course(**{"web/p09/projet.md": f"---\n{yaml}---\n## Contexte\n\nA.\n"}))

    found = [place for path, place in problems(read()) if path == "web/p09/projet.md"]

    assert found
    assert line is None or line in found


@pytest.mark.parametrize(
    ("field", "mend"),
    [
        ("titel: A", "Écrivez « title »."),
        ("blocks: []", "Retirez-le"),  # a programme has some, a project has none
        ("criteria:\n  - {id: a, text: B, test: C}", "Écrivez « text »."),
    ],
)
def test_an_unknown_field_names_the_one_that_stands_there(repository, read, field, mend):
    repository.commit(web_course(**{"web/p09/projet.md": f"---\nid: p09\ntitle: A\n{field}\n---\n## Contexte\n\nA.\n"}))

    assert [one.mend[: len(mend)] for one in read().problems if "n'existe pas ici" in one.message] == [mend]


def test_a_programme_that_cannot_be_read_does_not_hide_the_rest(repository, read):
    repository.commit(
        web_course(**{"web/programme.yml": PROGRAMME.replace("level: 5", "level: cinq"), "web/p01/projet.md": "rien"})
    )

    found = problems(read())

    assert ("web/programme.yml", 9) in found
    assert ("web/p01/projet.md", 1) in found


def bomb(width, height):
    """Return a PNG that says it is very large."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", b"rien"),
        ("a.png", bomb(60_000, 60_000)),
        ("a.png", bomb(10, 10)[:40]),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"),
        ("a.svg", b"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>"),
        ("a.svg", b"<svg"),
    ],
)
def test_an_image_that_cannot_be_served(repository, read, name, data):
    repository.commit(web_course(**{"web/p01/02.md": f"# A\n\n![Une image]({name})\n", f"web/p01/{name}": data}))

    made = read()

    assert "ne s'ouvre pas" in problems(made)[f"web/p01/{name}", 1]


def test_a_page_nested_without_end_is_said(repository, read):
    repository.commit(web_course(**{"web/p01/02.md": "# A\n\n" + ">" * 5000 + " a\n"}))

    made = read()

    assert [path for path, _ in problems(made)] in ([], ["web/p01/02.md"])
    assert len(made.course.pages) == 4


def test_a_path_that_looks_inside_git_is_refused(repository):
    repository.commit(web_course())

    class Tree(FolderTree):
        def entries(self):
            found = super().entries()
            return [
                *found,
                *(type(found[0])(path, "0" * 40, 1) for path in ("../a.md", "web/.GIT/config", "web/a\x07.md")),
            ]

    made = build(Tree(repository.folder), "web", "Web", {}, MemoryShelf())

    assert len([path for path, _ in problems(made)]) == 3


def test_a_push_that_is_half_written_is_said(repository, read, tmp_path):
    repository.commit(web_course())

    class Tree(FolderTree):
        def read(self, entries):
            return (
                (entry, None if entry.path.endswith("01-html.md") else data) for entry, data in super().read(entries)
            )

    made = build(Tree(repository.folder), "web", "Web", {}, MemoryShelf())

    assert "manque" in problems(made)["web/p01/01-html.md", 1]


def test_every_problem_is_given_at_once(repository, read):
    repository.commit(
        web_course(
            **{
                "web/p01/projet.md": project().replace("hours: 15", "hours: x"),
                "web/p01/02.md": "# A\n\n[a](b.md)\n\n![](c.png)\n",
                "web/p02/projet.md": project("p02").replace("RNCP37674/2, ", "RNCP37674/8, "),
            }
        )
    )

    assert len({path for path, _ in problems(read())}) == 3


def test_an_empty_repository_is_a_course_without_pages(repository, read):
    repository.commit({})

    assert read().course.pages == []


def test_a_page_may_work_for_so_long_and_wait_for_as_long_as_the_machine_makes_it():
    with within(0.05):
        time.sleep(0.2)
    with pytest.raises(TooSlow), within(0.05):
        while True:
            pass


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_whatever_the_bytes_a_file_gives_facts(data):
    for path in ("a/projet.md", "a/b.md", "a/programme.yml"):
        facts = read_facts(path, data)
        assert all(len(problem) == 5 for problem in facts["problems"])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet="id: title-[]{}&*!|>\n\"'#?,pé0", max_size=120))
def test_whatever_the_front_matter_it_is_read_or_said(text):
    facts = read_facts("a/projet.md", f"---\n{text}\n---\n# A\n".encode())

    assert facts["front"] or facts["problems"] or facts["fields"]
