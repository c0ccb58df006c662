"""The two commands on files: what they print, and the sentence that each bad line gets."""

import csv
import io

import pytest
from click.testing import CliRunner

from popschool import cli
from popschool.review.rules_allocation import plan
from tests.review.groups import given, in_teams, make_group, received, reciprocal

HEADER = "role,reviewer,deliverable,score\n"
FOUR = """peer,A,B,80
peer,A,C,60
peer,B,C,75
peer,B,D,90
peer,C,D,70
peer,C,A,65
peer,D,A,85
peer,D,B,78
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that writes files, runs a command on them, and answers exit code, rows and problems."""

    def invoke(command, *options, **texts):
        arguments = [str(one) for one in options]
        for name, text in texts.items():
            file = tmp_path / f"{name}.csv"
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
            arguments += [str(file)] if name == "file" else [f"--{name}", str(file)]
        answer = CliRunner().invoke(cli.main, ["review", command, *arguments])
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
        problems = answer.stderr.replace(f"{tmp_path}/", "").splitlines()
        return answer.exit_code, list(csv.DictReader(io.StringIO(answer.stdout))), problems

    return invoke


def test_the_worked_numbers_come_out_of_a_file(run):
    code, rows, problems = run("estimate", "--fixed", "10,15,6", "--pass-mark", "60", file=f"{HEADER}{FOUR}")

    assert (code, problems) == (0, [])
    found = {row["deliverable"]: row for row in rows}
    assert {name: row["estimate"] for name, row in found.items()} == {
        "A": "75.567", "B": "77.604", "C": "67.439", "D": "78.901"
    }  # fmt: skip
    assert {row["sd"] for row in rows} == {f"{8.781 * 1.1:.3f}"}
    assert {row["gain"] for row in rows} == {"105.087"}
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0]["deliverable"] == "C"
    assert float(found["C"]["low"]) == pytest.approx(67.439 - 1.645 * 9.659, abs=0.002)
    assert float(found["D"]["high"]) == pytest.approx(78.901 + 1.645 * 9.659, abs=0.002)


def test_what_is_graded_has_no_rank_and_the_next_to_grade_is_first(run):
    code, rows, _problems = run("estimate", "--fixed", "10,15,6", file=f"{HEADER}{FOUR}trainer,,A,60\n")

    assert code == 0
    assert [row["deliverable"] for row in rows] == ["C", "B", "D", "A"]
    assert [row["rank"] for row in rows] == ["1", "2", "3", ""]
    assert [row["gain"] for row in rows] == ["74.426", "68.915", "68.915", ""]
    assert {row["risk"] for row in rows} == {""}
    assert [row["plain"] for row in rows] == ["61.514", "72.849", "74.482", "61.073"]


def test_reviewers_are_printed_with_their_leniency(run):
    code, rows, _problems = run("estimate", "--fixed", "10,15,6", "--reviewers", file=f"{HEADER}{FOUR}")

    assert code == 0
    assert [row["leniency"] for row in rows] == ["-1.167", "3.794", "-4.187", "1.945"]
    assert {(row["reviews"], row["honest"]) for row in rows} == {("2", "1.000")}


def test_history_and_calibration_pieces_move_the_estimate(run):
    bare = run("estimate", file=f"{HEADER}{FOUR}")[1]
    known = run("estimate", file=f"{HEADER}{FOUR}", history="reviewer,m,v\nD,12,9\nnobody,1,2\n")[1]
    pieces = "".join(f"peer,{name},piece,80\n" for name in "ABCD") + "calibration,,piece,60\n"
    calibrated = run("estimate", file=f"{HEADER}{FOUR}{pieces}")[1]

    def of(rows, name):
        return float(next(row["estimate"] for row in rows if row["deliverable"] == name))

    assert of(known, "A") < of(bare, "A") - 1
    assert all(of(calibrated, name) < of(bare, name) - 3 for name in "ABCD")
    assert calibrated[-1]["deliverable"] == "piece" and calibrated[-1]["rank"] == ""


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "first line"),
        ("role;reviewer\n", 1, "should be role,reviewer,deliverable,score"),
        (HEADER, 1, "no review"),
        (f"{HEADER}peer,A,B,80\npeer,A,B,70\n", 3, "A already reviews B at line 2"),
        (f"{HEADER}trainer,,B,80\ncalibration,,B,70\n", 3, "B already has its grade at line 2"),
        (f"{HEADER}peer,A,B,101\n", 2, "from 0 to 100"),
        (f"{HEADER}peer,A,B,-0.5\n", 2, "from 0 to 100"),
        (f"{HEADER}peer,A,B,nan\n", 2, "write a number"),
        (f"{HEADER}peer,A,B,1e999\n", 2, "write a number"),
        (f"{HEADER}peer,A,B,douze\n", 2, "write a number"),
        (f"{HEADER}peer,A,B,\n", 2, "score is empty"),
        (f'{HEADER}peer,A,B,"12,5"\n', 2, "decimal point"),
        (f"{HEADER}peer,,B,12\n", 2, "reviewer is empty"),
        (f"{HEADER}peer,A,,12\n", 2, "deliverable is empty"),
        (f"{HEADER}judge,A,B,12\n", 2, "role is 'judge'"),
        (f"{HEADER}peer,A,B\n", 2, "3 fields instead of 4"),
        (f"{HEADER}\npeer,A,B,12,13\n", 3, "5 fields instead of 4"),
        (f'{HEADER}peer,A,"B,12\n', 2, "cannot be read as CSV"),
        (f"{HEADER}peer,{'A' * 201},B,12\n", 2, "longer than 200"),
        (f"{HEADER}peer,Zoé,B,12\n".encode("latin-1"), 2, "UTF-8"),
        (b"role,reviewer,deliverable,score\npeer,A\0,B,3\n", 2, "not a text file"),
    ],
)
def test_a_line_that_is_wrong_is_named_and_nothing_else_is_printed(run, text, line, words):
    code, rows, problems = run("estimate", file=text)

    assert (code, rows) == (1, [])
    assert problems[0].startswith(f"file.csv:{line}: ")
    assert words in problems[0]


def test_every_wrong_line_is_said_at_once(run):
    problems = run("estimate", file=f"{HEADER}peer,A,B,x\npeer,A,C,1\npeer,A,C,2\n", history="reviewer,m,v\nA,1,0\n")[2]

    assert [problem.split(": ")[0] for problem in problems] == ["file.csv:2", "file.csv:4", "history.csv:2"]


@pytest.mark.parametrize("fixed", ["1,2", "a,b,c", "0,1,1", "nan,1,1", "1,2,3,4"])
def test_a_wrong_call_ends_with_2(run, fixed):
    assert run("estimate", "--fixed", fixed, file=f"{HEADER}{FOUR}")[0] == 2
    assert run("estimate", "--pass-mark", "130", file=f"{HEADER}{FOUR}")[0] == 2


def people(teams):
    return "person,team\n" + "".join(f"p{one:02},{'' if team is None else f't{team}'}\n" for one, team in teams.items())


def test_people_of_a_file_are_allocated_whatever_the_order_of_its_lines(run):
    lines = people(in_teams(24, 3)).splitlines(keepends=True)
    code, rows, problems = run("allocate", "--reviews", 3, "--seed", 7, file="".join(lines))
    pairs = [(row["reviewer"], row["deliverable"]) for row in rows]

    assert (code, problems) == (0, [])
    assert pairs == sorted(pairs)
    assert set(given(pairs).values()) == set(received(pairs).values()) == {3}
    assert reciprocal(pairs) == 0
    assert not any(int(a[1:]) // 3 == int(b[1:]) // 3 for a, b in pairs)
    upside_down = "".join([lines[0], *reversed(lines[1:])])
    assert run("allocate", "--reviews", 3, "--seed", 7, file=upside_down)[1] == rows
    assert run("allocate", "--reviews", 3, "--seed", 8, file=upside_down)[1] != rows


def test_conflicts_and_earlier_rounds_are_kept_apart(run):
    text = people(dict.fromkeys(range(12)))
    first = run("allocate", "--reviews", 2, file=text)[1]
    past = "reviewer,deliverable\n" + "".join(f"{row['reviewer']},{row['deliverable']}\n" for row in first)
    code, rows, problems = run(
        "allocate", "--reviews", 2, file=text, conflicts="a,b\np00,p01\n", past=f"{past}gone,p01\n"
    )
    pairs = {(row["reviewer"], row["deliverable"]) for row in rows}

    assert (code, problems, len(pairs)) == (0, [], 24)
    assert not pairs & {(row["reviewer"], row["deliverable"]) for row in first}
    assert not pairs & {("p00", "p01"), ("p01", "p00")}


def test_a_team_has_one_work_in_common(run):
    code, rows, problems = run("allocate", "--reviews", 3, "--teams", "common", file=people(in_teams(24, 3)))
    pairs = [(row["reviewer"], row["deliverable"]) for row in rows]

    assert (code, problems) == (0, [])
    assert set(given(pairs).values()) == {1}
    assert set(received(pairs).values()) == {3}
    assert {work for _reviewer, work in pairs} == {f"t{team}" for team in range(8)}
    assert not any(f"t{int(reviewer[1:]) // 3}" == work for reviewer, work in pairs)


def test_pairs_who_read_each_other_are_said_when_they_cannot_be_avoided(run):
    code, rows, problems = run("allocate", "--reviews", 3, file=people(dict.fromkeys(range(5))))

    assert (code, len(rows)) == (0, 15)
    assert problems == ["file.csv: 5 pairs read each other: 3 reviews each without that need more people or teams"]


@pytest.mark.parametrize(
    ("teams", "conflicts", "expected"),
    [
        ({0: None}, "", ["file.csv:2: p00 can have 0 of 3 reviews: a group of 1 is too small, 4 would do"]),
        (in_teams(10, 9), "", [f"file.csv:{line}: p0{line - 2} can have 1 of 3 reviews" for line in range(2, 11)]),
        (
            dict.fromkeys(range(6)),
            "p00,p01\np02,p00\np00,p03\n",
            ["file.csv:2: p00 can have 2 of 3 reviews: conflicts leave too few people to read it"],
        ),
    ],
)
def test_what_is_impossible_names_who_is_short_and_why(run, teams, conflicts, expected):
    code, rows, problems = run("allocate", file=people(teams), conflicts=f"a,b\n{conflicts}")

    assert (code, rows) == (1, [])
    assert len(problems) == len(expected)
    assert all(problem.startswith(start) for problem, start in zip(problems, expected, strict=True))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"file": "person,team\nA,x\nB,x\nA,y\n"}, "file.csv:4: A is already at line 2"),
        ({"file": "person,team\n,x\n"}, "file.csv:2: person is empty"),
        ({"file": "person,team\n"}, "file.csv:1: has nobody in it"),
        ({"file": "person,team\nA\n"}, "file.csv:2: has 1 fields instead of 2"),
        ({"file": "person,team\nA,\nB,\n", "conflicts": "a,b\nA,C\n"}, "conflicts.csv:2: there is nobody called C"),
        ({"file": "person,team\nA,\nB,\n", "conflicts": "a,b\nA,A\n"}, "conflicts.csv:2: A stands on both sides"),
        ({"file": "person,team\nA,\nB,\n", "past": "a,b\n"}, "past.csv:1: the first line is 'a,b'"),
    ],
)
def test_people_badly_written_are_named(run, texts, expected):
    code, rows, problems = run("allocate", **texts)

    assert (code, rows) == (1, [])
    assert problems[0].startswith(expected)


def test_a_team_that_bears_a_persons_name_is_refused_when_works_are_common(run):
    assert run("allocate", "--teams", "common", file="person,team\nA,B\nB,C\nD,C\n")[2] == [
        "file.csv:2: B is a team and a person: their works would bear the same name"
    ]


def test_the_plan_of_a_file_is_the_plan_of_its_group(run):
    names = {f"p{one:02}": None for one in range(9)}
    rows = run("allocate", "--reviews", 2, "--seed", "x", file="person,team\n" + "".join(f"{one},\n" for one in names))[
        1
    ]

    expected = plan(make_group(names, 2), "x").pairs
    assert tuple((row["reviewer"], row["deliverable"]) for row in rows) == expected
