from datetime import date

from popschool.schools import network
from tests.factories import TODAY, make_school


def test_schools_are_listed_by_name_whatever_their_accents_and_closed_ones_last(app):
    for name, closed_on in [
        ("Willems", None),
        ("Élancourt", None),
        ("Amiens", date(2026, 1, 1)),
        ("Le Havre", None),
        ("Gonesse", None),
    ]:
        make_school(name=name, closed_on=closed_on)

    found = network.find_schools(TODAY)
    names = [line.school.name for line in network.lines_of(found, 0, 99)]

    assert names == ["Élancourt", "Gonesse", "Le Havre", "Willems", "Amiens"]
