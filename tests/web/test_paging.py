"""Lists in pages, counted as far as anybody reads."""

from flask import render_template_string
from sqlalchemy import select

from popschool.db import count_up_to
from popschool.schools.models import Person
from popschool.web.paging import COUNTED, Page, counted
from tests.factories import make_person


def test_a_count_stops_one_after_the_most_that_is_asked(app):
    for _one in range(4):
        make_person()
    people = select(Person.id)

    assert [count_up_to(people, most) for most in (2, 3, 4, 9, None)] == [3, 4, 4, 4, 4]


def test_a_list_longer_than_the_count_has_a_next_page_and_says_more(app):
    page = Page([], 40, counted(40) + 1, counted=counted(40))

    assert page.is_more and page.has_next
    with app.test_request_context("/people?page=40"):
        shown = render_template_string('{% import "parts/page.html" as p with context %}{{ p.pager(page) }}', page=page)
    assert "Page 40, plus de" in shown


def test_a_list_counted_to_its_end_says_how_long_it_is():
    page = Page([], 1, COUNTED, counted=counted(1))

    assert not page.is_more
    assert page.pages == COUNTED // page.size
