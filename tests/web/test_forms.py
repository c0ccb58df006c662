"""What a form says of all that is to be corrected, above it."""

from tests.factories import make_cohort, make_manager, save
from tests.shown import shown


def test_two_answers_that_are_missing_are_told_apart(client, log_in):
    cohort = make_cohort()
    save()
    log_in(make_manager(cohort.school))

    page = client.post(f"/cohorts/{cohort.id}/people/new", data={"first_name": "", "last_name": "", "mail": "nour"})

    text = shown(page)
    assert "Prénom : Il manque une réponse. Remplissez cette partie." in text
    assert "Nom : Il manque une réponse. Remplissez cette partie." in text
    assert 'value="nour"' in page.text
