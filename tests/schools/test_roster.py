"""Reading a roster: what people's spreadsheets write, and what is wrong with it, each with its line."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.schools.roster import (
    LARGEST,
    MOST_LINES,
    TEMPLATE,
    RosterRefused,
    decode,
    read_day,
    read_roster,
)

HEAD = "prenom;nom;mail;telephone;numero;debut;fin\n"


def problems(text):
    """Return (line, message) of each problem, in order."""
    return [(one.line, one.message) for one in sorted(read_roster(text).problems)]


def test_a_roster_is_read_by_its_titles():
    cells = "Apprenante 07;Test;A07@Example.org;06 39 98 00 07;val-007;08/03/2027;2027-09-03"

    [line] = read_roster(f"{HEAD}{cells}\n").lines

    assert (line.line, line.first_name, line.last_name) == (2, "Apprenante 07", "Test")
    assert (line.mail, line.phone, line.number) == ("a07@example.org", "+33639980007", "VAL007")
    assert (line.starts_on, line.ends_on) == (date(2027, 3, 8), date(2027, 9, 3))


@pytest.mark.parametrize(
    "text",
    [
        "nom;prenom;mail\nTest;Apprenante;a@example.org",
        "Nom,Prénom,E-mail\nTest,Apprenante,a@example.org",
        "NOM\tPRÉNOM\tCourriel\r\nTest\tApprenante\ta@example.org\r\n",
        "\ufeffPrénom;Nom;Adresse mail\rApprenante;Test;a@example.org\r",
        "sep=;\nprenom;nom;mail\nApprenante;Test;a@example.org\n",
        '"prenom";"nom";"mail"\n"Apprenante";"Test";"a@example.org"\n',
        "\n;;\n prenom ; nom ; mail ;\nApprenante;Test;a@example.org;\n\n;;;\n",
        "prenom;nom;mail\nApprenante\u00a0;\tTest;  A@EXAMPLE.ORG",
    ],
)
def test_separators_titles_and_blanks_of_every_spreadsheet_are_read(text):
    roster = read_roster(text)

    assert roster.problems == []
    assert [(one.first_name, one.last_name, one.mail) for one in roster.lines] == [
        ("Apprenante", "Test", "a@example.org")
    ]


def test_a_line_is_named_as_the_file_counts_it():
    text = '\nprenom;nom;mail\n"Apprenante\n07";Test;a@example.org\n\nApprenante 08;Test;faux\n'

    assert problems(text) == [(6, "« faux » n'est pas une adresse mail.")]
    assert read_roster(text).lines[0].line == 3
    assert read_roster(text).lines[0].first_name == "Apprenante 07"


def test_a_separator_that_is_declared_counts_as_a_line():
    assert problems("sep=,\nprenom,nom,mail\nApprenante,Test,faux")[0][0] == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_accents_are_read_in_every_encoding(encoding):
    data = "prénom;nom;mail\r\nÉlodie;Œuvrard;e@example.org\r\n".encode(encoding)

    [line] = read_roster(decode(data)).lines

    assert (line.first_name, line.last_name) == ("Élodie", "Œuvrard")


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + bytes(40),
        b"\xd0\xcf\x11\xe0" + bytes(40),
        b"%PDF-1.7\nprenom;nom",
        b"\x89PNG\r\n\x1a\n",
        b"prenom;nom\x00mail",
        b"\xff\xd8\xff\xe0JFIF",
    ],
)
def test_a_workbook_or_a_picture_is_not_a_csv(data):
    with pytest.raises(RosterRefused) as refused:
        decode(data)

    [problem] = refused.value.problems
    assert problem.message == "Ce fichier n'est pas un CSV."
    assert "CSV" in problem.mend


def test_a_file_too_heavy_is_not_read_by_half():
    line = "Apprenante;Test;a@example.org\n"
    data = ("prenom;nom;mail\n" + line * (LARGEST // len(line) + 1)).encode()

    with pytest.raises(RosterRefused, match="lourd"):
        decode(data)
    assert problems(data.decode()) == [(0, "Ce fichier est trop lourd.")]


@pytest.mark.parametrize("text", ["", "\n\n", " ; ; \n", "\ufeff"])
def test_an_empty_file_says_so(text):
    assert problems(text) == [(1, "Ce fichier est vide.")]


def test_titles_alone_hold_nobody():
    assert problems(TEMPLATE) == [(2, "Il n'y a personne dans ce fichier.")]


def test_each_title_that_is_missing_is_named():
    assert problems("mail;telephone\na@example.org;") == [
        (1, "Il manque la colonne « nom »."),
        (1, "Il manque la colonne « prenom »."),
    ]


def test_a_title_that_comes_twice_is_named():
    assert problems("prenom;nom;mail;e-mail\nA;B;a@example.org;b@example.org") == [
        (1, "La colonne « e-mail » est là deux fois.")
    ]


def test_titles_that_come_again_are_not_a_person():
    roster = read_roster(HEAD + "A1;B;a@example.org\n" + HEAD + "A2;B;b@example.org\n")

    assert roster.problems == []
    assert [one.line for one in roster.lines] == [2, 4]


def test_columns_that_are_not_read_are_said():
    assert read_roster("prenom;nom;ville;mail;;Né le\nA;B;Lens;a@example.org;;").ignored == ["ville", "Né le"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (";Test;a@example.org", "Il manque le prénom ou le nom."),
        ("A;;a@example.org", "Il manque le prénom ou le nom."),
        ("A;B", "Cette personne n'a ni mail, ni téléphone, ni numéro."),
        ("A;B;a@b", "« a@b » n'est pas une adresse mail."),
        ("A;B;a@example.org, b@example.org", "« a@example.org, b@example.org » n'est pas une adresse mail."),
        (f"A;B;{'a' * 250}@example.org", f"« {'a' * 60} » n'est pas une adresse mail."),
        ("A;B;;12", "« 12 » n'est pas un numéro de téléphone."),
        ("A;B;;3,36E+10", "« 3,36E+10 » n'est pas un numéro de téléphone."),
        ("A;B;;;SANSCHIFFRE", "« SANSCHIFFRE » n'est pas un numéro d'apprenant."),
        ("A;B;;;06 39 98 00 07", "« 06 39 98 00 07 » n'est pas un numéro d'apprenant."),
        ("A;B;a@example.org;;;31/02/2027", "« 31/02/2027 » n'est pas une date."),
        ("A;B;a@example.org;;;08/03/0027", "« 08/03/0027 » n'est pas une date."),
        ("A;B;a@example.org;;;08/03/2027;07/03/2027", "La fin est avant le début."),
        (f"{'A' * 81};B;a@example.org", f"« {'A' * 20}… » est trop long pour un nom."),
        ("=1+1;B;a@example.org", "« =1+1 » n'est pas un nom."),
        ("A;@SUM(A1);a@example.org", "« @SUM(A1) » n'est pas un nom."),
        ("-A;B;a@example.org", "« -A » n'est pas un nom."),
        ("+A;B;a@example.org", "« +A » n'est pas un nom."),
        ("A;B;a@example.org;;;;;autre", "Cette ligne a plus de cases que de titres."),
        ('A;"B" C;a@example.org', "Cette ligne ne se lit pas."),
        ('A;"B;a@example.org', "Cette ligne ne se lit pas."),
    ],
)
def test_what_is_wrong_with_a_line_is_named(cells, expected):
    roster = read_roster(HEAD + "Z;Y;z@example.org\n" + cells)

    assert [(one.line, one.message) for one in roster.problems] == [(3, expected)]
    assert [one.line for one in roster.lines] == [2]
    assert roster.problems[0].mend


def test_every_problem_is_named_at_once():
    assert problems(HEAD + ";;faux;12;X;hier;demain\nA;B;c\n") == [
        (2, "Il manque le prénom ou le nom."),
        (2, "« 12 » n'est pas un numéro de téléphone."),
        (2, "« X » n'est pas un numéro d'apprenant."),
        (2, "« demain » n'est pas une date."),
        (2, "« faux » n'est pas une adresse mail."),
        (2, "« hier » n'est pas une date."),
        (3, "« c » n'est pas une adresse mail."),
    ]


def test_a_person_has_one_line():
    text = HEAD + "A1;B;a@example.org\nA2;B;A@Example.org;0639980007\nA3;B;;06 39 98 00 07;V1\nA4;B;;;v-1\n"

    assert problems(text) == [
        (3, "Ce mail est déjà à la ligne 2."),
        (4, "Ce téléphone est déjà à la ligne 3."),
        (5, "Ce numéro est déjà à la ligne 4."),
    ]


def test_a_roster_has_so_many_people_at_most():
    def of(count):
        return "prenom;nom;numero\n" + "".join(f"A;B;V{number}\n" for number in range(count))

    assert len(read_roster(of(MOST_LINES)).lines) == MOST_LINES
    assert problems(of(MOST_LINES + 1)) == [(MOST_LINES + 2, "Il y a plus de 2000 personnes.")]


def test_a_spreadsheet_that_ate_the_zero_of_a_phone_is_understood():
    roster = read_roster('prenom;nom;telephone\nA;B;639980007\nA;C;="0639980008"\nA;D;33639980009\n')

    assert [one.phone for one in roster.lines] == ["+33639980007", "+33639980008"]
    assert [one.line for one in roster.problems] == [4]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("08/03/2027", date(2027, 3, 8)),
        ("8-3-2027", date(2027, 3, 8)),
        ("8.3.27", date(2027, 3, 8)),
        ("2027-03-08", date(2027, 3, 8)),
        ("2027-03-08 00:00:00", date(2027, 3, 8)),
    ],
)
def test_a_day_is_read_in_the_usual_ways(text, day):
    assert read_day(text) == day


@pytest.mark.parametrize(
    "text", ["", "hier", "32/01/2027", "2027-13-01", "08/03", "46454", "08/03/20270", "٠٨/٠٣/٢٠٢٧"]
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError):
        read_day(text)


@given(st.text(max_size=400))
def test_whatever_is_pasted_is_read_or_named(text):
    roster = read_roster(text)

    assert bool(roster.problems) or bool(roster.lines)
    assert all(one.line >= 0 and one.message and one.mend for one in roster.problems)


@given(st.binary(max_size=400))
def test_whatever_file_is_given_is_read_or_named(data):
    try:
        read_roster(decode(data))
    except RosterRefused as refused:
        assert refused.problems


names = st.text(st.characters(categories=("Lu", "Ll")), min_size=1, max_size=20)


@given(st.lists(st.tuples(names, names), min_size=1, max_size=20), st.sampled_from(";,\t"))
def test_what_a_spreadsheet_writes_is_read_back(people, delimiter):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["prenom", "nom", "numero"])
    writer.writerows([first, last, f"V{number}"] for number, (first, last) in enumerate(people))

    roster = read_roster(decode(out.getvalue().encode("utf-8-sig")))

    assert roster.problems == []
    assert [(one.first_name, one.last_name) for one in roster.lines] == people
