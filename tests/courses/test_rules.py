"""What a repository may hold, and how its files name each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.courses import rules
from popschool.courses.rules import Target


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("b.md", Target("web/p01/b.md")),
        ("./b.md#Les-Étapes", Target("web/p01/b.md", "les-étapes")),
        ("../p02/projet.md", Target("web/p02/projet.md")),
        ("/README.md", Target("README.md")),
        ("#ici", Target("web/p01/a.md", "ici")),
        ("un%20espace.md", Target("web/p01/un espace.md")),
        ("b.md?plain=1", Target("web/p01/b.md")),
        ("../..", Target("")),
        ("../../..", Target(None)),
        ("..%2f..%2f..%2fetc", Target(None)),
        ("a\\b", Target(None)),
        ("https://example.org", None),
        ("mailto:a@example.org", None),
        ("//example.org", None),
    ],
)
def test_a_relative_address_leads_to_a_file(href, target):
    assert rules.resolve("web/p01/a.md", href) == target


@given(st.text(max_size=40))
def test_no_address_leads_out_of_the_tree(href):
    found = rules.resolve("web/p01/a.md", href)
    if found and found.path:
        assert not found.path.startswith(("../", "/")) and ".." not in found.path.split("/")


@pytest.mark.parametrize("path", ["../a", "a/../b", "a/.git/config", "a/.GIT/x", "a\\b", "a\x07", "a//b", "a" * 600])
def test_paths_that_are_never_used(path):
    assert rules.unsafe_path(path)


def test_paths_may_have_accents_and_spaces():
    assert rules.unsafe_path("été/un café.md") == ""


def test_names_that_some_machines_confuse():
    assert rules.collisions(["a/B.md", "a/b.md", "c.md", "é.md", "e\u0301.md"]) == [
        ("a/B.md", "a/b.md"),
        ("é.md", "e\u0301.md"),
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.simple.md", ("a/b.md", "simple")),
        ("a/b.en.md", ("a/b.md", "en")),
        ("a/b.md", ("a/b.md", "")),
        ("a/b.draft.md", ("a/b.draft.md", "")),
    ],
)
def test_variants_stand_beside_their_page(path, expected):
    assert rules.variant_of(path) == expected


def test_projects_follow_the_order_asked_then_their_own():
    assert rules.arrange(["a", "b", "c", "d"], ["c", "a", "absent"]) == ["c", "a", "b", "d"]


def test_a_file_belongs_to_the_nearest_folder():
    folders = {"web": 1, "web/p01": 2}

    assert rules.owner("web/p01/a/b.md", folders) == "web/p01"
    assert rules.owner("web/c.md", folders) == "web"
    assert rules.owner("d.md", folders) is None


def test_a_brief_is_read_in_the_same_order_whatever_its_file():
    sections = [{"id": f"p-{name}"} for name in ("aide", "pour-aller-plus-loin", "contexte", "le-client", "les-étapes")]

    placed = {slot: [one["id"] for one in found] for slot, found in rules.brief_order(sections).items() if found}

    assert placed == {
        "contexte": ["p-contexte", "p-le-client"],
        "etapes": ["p-les-étapes"],
        "aide": ["p-aide"],
        "suite": ["p-pour-aller-plus-loin"],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Choisissez un fichier. Votre travail n'est pas encore envoyé.", 84.2),
        (
            "Lisez le travail de votre collègue. Dites ce qui marche bien. Dites ce qui manque. "
            "Donnez une idée pour continuer.",
            95.2,
        ),
    ],
)
def test_how_easy_a_text_is_to_read(text, expected):
    assert rules.reading_ease(text) == pytest.approx(expected, abs=0.5)


def test_nothing_is_neither_easy_nor_hard():
    assert rules.reading_ease("12 - 14") is None
