"""The frame of every page leaves the page's own words alone."""

from jinja2 import nodes

from tests.factories import make_cohort, make_learner, make_manager, save


def test_the_frame_sets_no_name_that_a_page_may_use(app):
    source, _name, _is_fresh = app.jinja_env.loader.get_source(app.jinja_env, "base.html")

    tree = app.jinja_env.parse(source)

    assert list(tree.find_all((nodes.Assign, nodes.AssignBlock))) == []


def test_a_page_about_somebody_names_them_and_not_the_visitor(client, log_in):
    cohort = make_cohort()
    learner, manager = make_learner(cohort, first_name="Apprenante 07"), make_manager(cohort.school)
    save()
    log_in(manager)

    page = client.get(f"/people/{learner.id}").get_data(as_text=True)

    assert "<h1>Apprenante 07 TEST</h1>" in page
    assert f"/people/{learner.id}/invite" in page
