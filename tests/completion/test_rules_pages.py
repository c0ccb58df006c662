"""What a school and a funder decide, said on their pages; the narrowest still wins."""

from datetime import date

from popschool.completion import rules_settings
from popschool.completion.rules_settings import Scope
from popschool.completion.services_facts import heard_by, sayings_of
from tests.completion.paths import make_path, pay


def test_a_funder_says_otherwise_than_its_school_and_only_for_itself(app, client, log_in):
    path = make_path()
    funding = pay(path).funding
    school = path.cohort.school_id
    log_in(path.manager)
    said = {"since": "2027-01-01", "is_confirmed": "y"}

    first = client.post(f"/schools/{school}/rules/rounding", data={"value": "quarter", **said})
    second = client.post(
        f"/schools/{school}/rules/rounding?funder={funding.funder_id}", data={"value": "minute", **said}
    )
    refused = client.post(f"/schools/{school}/rules/retention_years", data={"value": "2", "since": "2027-01-01"})

    def holds(*who):
        return rules_settings.resolve(heard_by(sayings_of(school), *who), "rounding", date(2027, 2, 1))

    assert (first.status_code, second.status_code, refused.status_code) == (302, 302, 200)
    assert (holds(None).value, holds(None).scope) == ("quarter", Scope.SCHOOL)
    assert (holds(funding).value, holds(funding).scope) == ("minute", Scope.FUNDER)
    assert holds(None, funding.funder_id + 1).value == "quarter"
    assert client.get(f"/schools/{school}/rules?funder=9999").status_code == 404
    assert client.get(f"/schools/{school}/rules/nothing").status_code == 404
