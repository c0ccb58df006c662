"""The addresses of pages: made once, and the same as Flask's."""

import pytest
from flask import render_template_string, url_for


@pytest.mark.parametrize("root", ["", "/ecole"])
@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("attendance.half_day", {"half_day_id": 1}),
        ("attendance.half_day", {"half_day_id": 1, "_anchor": "message"}),
        ("attendance.mark", {"half_day_id": 1, "person_id": 2, "mark": "partial"}),
        (".half_day", {"half_day_id": 7}),
        ("attendance.half_day", {"half_day_id": 1, "_external": True}),
    ],
)
def test_a_page_links_to_what_flask_says_each_time(app, root, endpoint, values):
    with app.test_request_context("/half-days/7", environ_overrides={"SCRIPT_NAME": root}):
        for _ in range(2):
            assert render_template_string("{{ url_for(endpoint, **values) }}", endpoint=endpoint, values=values) == (
                url_for(endpoint, **values)
            ).replace("&", "&amp;")


def test_an_address_is_not_another_s_that_is_equal_to_it(app):
    with app.test_request_context("/"):
        made = [
            render_template_string("{{ url_for('schools.people', page=given) }}", given=one) for one in (1, "1", True)
        ]

    assert made == ["/people?page=1", "/people?page=1", "/people?page=True"]
