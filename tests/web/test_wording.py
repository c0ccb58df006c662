"""The words of refusals: each fact has its own, whatever another feature calls its own."""

from popschool.attendance import services_codes
from popschool.schools import rules
from popschool.web import wording


def test_two_facts_of_one_name_say_their_own_words(app):
    motive, cohort = services_codes.CodeTaken("AJ-PER"), rules.CodeTaken("VAL-2027-1")

    with app.test_request_context():
        assert "motif" in wording.sentence(motive)
        assert "motif" not in wording.sentence(cohort)


def test_a_kind_of_a_fact_says_the_words_of_that_fact(app):
    class Another(rules.CodeTaken):
        pass

    with app.test_request_context():
        assert wording.sentence(Another("A")) == wording.sentence(rules.CodeTaken("A"))
