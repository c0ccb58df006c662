"""Who may do what: one table, held action by action and person by person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.auth.rules import ALLOWED, NETWORK_ROLES, SCHOOL_ROLES, Action, Actor, Role, can_see, may
from popschool.auth.rules_granting import LearnersAreEnrolled, RoleMisplaced, check_role, may_grant, may_vouch
from popschool.schools.rules import Place

HERE, ELSEWHERE = 1, 2
COHORT, OTHER_COHORT = 10, 20
ME, SOMEBODY = 100, 200


def actor(*roles, school=HERE, person=ME, **given):
    held = {school: frozenset(roles)} if roles else {}
    return Actor(person_id=person, roles=held, **{name: frozenset(value) for name, value in given.items()})


LEARNER = actor(learns_in=[COHORT], learns_at=[HERE], schools_learnt=[HERE])
FORMER = actor(learnt_in=[COHORT], schools_learnt=[HERE])
TRAINER = actor(Role.TRAINER, trains_in=[COHORT])
COLLEAGUE = actor(Role.TRAINER)
MANAGER = actor(Role.SCHOOL_MANAGER)
CONTACT = actor(Role.DISABILITY_CONTACT)
BOSS = actor(Role.NETWORK_MANAGER, school=None)
AUTHOR = actor(Role.AUTHOR, school=None)
STRANGER = actor(Role.SCHOOL_MANAGER, school=ELSEWHERE)
NOBODY = actor()
COHORT_HERE = Place.of(school=HERE, cohort=COHORT)
PERSON_HERE = Place.of(school=HERE, cohort=COHORT, people=[SOMEBODY])


def test_every_action_has_its_line_in_the_table():
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())


@pytest.mark.parametrize(
    ("action", "place", "those_who_may"),
    [
        (Action.SEE_NETWORK, Place(), [BOSS]),
        (Action.OPEN_SCHOOL, Place(), [BOSS]),
        (Action.SEE_SCHOOL, Place.of(school=HERE), [TRAINER, COLLEAGUE, MANAGER, CONTACT, BOSS]),
        (Action.EDIT_SCHOOL, Place.of(school=HERE), [BOSS]),
        (Action.OPEN_COHORT, Place.of(school=HERE), [MANAGER, BOSS]),
        (Action.SEE_COHORT, COHORT_HERE, [TRAINER, MANAGER, BOSS]),
        (Action.EDIT_COHORT, COHORT_HERE, [MANAGER, BOSS]),
        (Action.ENROL, COHORT_HERE, [MANAGER, BOSS]),
        (Action.POST_TRAINER, COHORT_HERE, [MANAGER, BOSS]),
        (Action.SEE_PERSON, PERSON_HERE, [TRAINER, MANAGER, BOSS]),
        (Action.EDIT_PERSON, PERSON_HERE, [MANAGER, BOSS]),
        (Action.INVITE, PERSON_HERE, [MANAGER, BOSS]),
        (Action.PRINT_CARD, PERSON_HERE, [TRAINER, MANAGER, BOSS]),
        (Action.CLOSE_ACCOUNT, PERSON_HERE, [MANAGER, BOSS]),
        (Action.ARRANGE_ACCOMMODATION, PERSON_HERE, [MANAGER, CONTACT, BOSS]),
        (Action.INVITE_STAFF, Place.of(school=HERE), [MANAGER, BOSS]),
        (Action.INVITE_STAFF, Place(), [BOSS]),
    ],
)
def test_an_act_on_a_school_is_for_those_who_answer_for_it(action, place, those_who_may):
    everybody = [LEARNER, FORMER, TRAINER, COLLEAGUE, MANAGER, CONTACT, BOSS, AUTHOR, STRANGER, NOBODY]

    assert [one for one in everybody if may(one, action, place)] == [one for one in everybody if one in those_who_may]


@pytest.mark.parametrize(
    ("place", "those_who_see"),
    [
        (Place.of(school=HERE), [LEARNER, FORMER, TRAINER, COLLEAGUE, MANAGER, CONTACT, BOSS]),
        (COHORT_HERE, [LEARNER, FORMER, TRAINER, COLLEAGUE, MANAGER, CONTACT, BOSS]),
        (Place.of(school=HERE, cohort=OTHER_COHORT), [TRAINER, COLLEAGUE, MANAGER, CONTACT, BOSS]),
        (PERSON_HERE, [TRAINER, COLLEAGUE, MANAGER, CONTACT, BOSS]),
        (
            Place.of(people=[ME]),
            [LEARNER, FORMER, TRAINER, COLLEAGUE, MANAGER, CONTACT, BOSS, AUTHOR, STRANGER, NOBODY],
        ),
    ],
)
def test_what_is_not_ones_own_is_not_seen_at_all(place, those_who_see):
    everybody = [LEARNER, FORMER, TRAINER, COLLEAGUE, MANAGER, CONTACT, BOSS, AUTHOR, STRANGER, NOBODY]

    assert [one for one in everybody if can_see(one, place)] == those_who_see


roles = st.sampled_from(Role)
schools = st.sampled_from([None, HERE, ELSEWHERE])
actors = st.builds(
    Actor,
    person_id=st.just(ME),
    roles=st.dictionaries(schools, st.frozensets(roles, min_size=1), max_size=3),
    learns_in=st.frozensets(st.sampled_from([COHORT, OTHER_COHORT])),
    learnt_in=st.frozensets(st.sampled_from([COHORT, OTHER_COHORT])),
    trains_in=st.frozensets(st.sampled_from([COHORT, OTHER_COHORT])),
    schools_learnt=st.frozensets(st.sampled_from([HERE, ELSEWHERE])),
    learns_at=st.frozensets(st.sampled_from([HERE, ELSEWHERE])),
)
places = st.builds(
    Place,
    schools=st.frozensets(st.sampled_from([HERE, ELSEWHERE]), max_size=2),
    cohorts=st.frozensets(st.sampled_from([COHORT, OTHER_COHORT]), max_size=2),
    people=st.frozensets(st.sampled_from([ME, SOMEBODY]), max_size=2),
)


@given(actors, st.sampled_from(Action), places)
def test_a_network_manager_may_whatever_a_school_manager_may(one, action, place):
    is_managers_act = any(relation.__name__ == "manages_network" for relation in ALLOWED[action])
    boss = Actor(person_id=ME, roles={None: frozenset({Role.NETWORK_MANAGER})})

    if is_managers_act and may(one, action, place):
        assert may(boss, action, place)


@given(st.frozensets(roles), st.sampled_from(Action))
def test_a_role_held_elsewhere_opens_nothing_here(held, action):
    """Only for acts on a place: those that are anybody's, or list what is one's own, ask for no place."""
    stranger = Actor(person_id=ME, roles={ELSEWHERE: held - NETWORK_ROLES})
    by_place = {"trains_in", "manages_school", "manages_network", "works_at", "learns_in", "learnt_in", "oneself"}

    if {relation.__name__ for relation in ALLOWED[action]} <= by_place:
        assert not may(stranger, action, PERSON_HERE)


@pytest.mark.parametrize(
    ("role", "school", "refusal"),
    [
        (Role.LEARNER, HERE, LearnersAreEnrolled),
        (Role.TRAINER, None, RoleMisplaced),
        (Role.SCHOOL_MANAGER, None, RoleMisplaced),
        (Role.DISABILITY_CONTACT, None, RoleMisplaced),
        (Role.NETWORK_MANAGER, HERE, RoleMisplaced),
    ],
)
def test_a_role_is_held_where_it_makes_sense(role, school, refusal):
    with pytest.raises(refusal):
        check_role(role, school)


@pytest.mark.parametrize("role", sorted(SCHOOL_ROLES))
def test_a_school_manager_gives_the_roles_of_their_school(role):
    assert may_grant(MANAGER, role, HERE)
    assert may_grant(BOSS, role, HERE)
    assert not may_grant(MANAGER, role, ELSEWHERE)
    assert not may_grant(MANAGER, role, None)
    assert not may_grant(TRAINER, role, HERE)


@pytest.mark.parametrize("role", sorted(NETWORK_ROLES))
def test_a_role_of_the_network_is_given_by_the_network(role):
    assert may_grant(BOSS, role, None)
    assert not may_grant(MANAGER, role, None)
    assert not may_grant(MANAGER, role, HERE)


@pytest.mark.parametrize(
    ("who", "whom", "expected"),
    [
        (TRAINER, actor(person=SOMEBODY, learns_at=[HERE]), True),
        (TRAINER, actor(person=SOMEBODY, learns_at=[ELSEWHERE]), False),
        (TRAINER, actor(person=SOMEBODY), True),
        (TRAINER, actor(Role.TRAINER, person=SOMEBODY), False),
        (MANAGER, actor(Role.TRAINER, person=SOMEBODY), True),
        (MANAGER, actor(Role.SCHOOL_MANAGER, person=SOMEBODY), True),
        (MANAGER, actor(Role.TRAINER, school=ELSEWHERE, person=SOMEBODY), False),
        (MANAGER, actor(Role.NETWORK_MANAGER, school=None, person=SOMEBODY), False),
        (MANAGER, actor(Role.AUTHOR, school=None, person=SOMEBODY), False),
        (MANAGER, actor(person=SOMEBODY, learns_at=[HERE, ELSEWHERE]), False),
        (BOSS, actor(Role.NETWORK_MANAGER, school=None, person=SOMEBODY), True),
    ],
)
def test_a_way_in_is_handed_only_to_those_below(who, whom, expected):
    assert may_vouch(who, whom) is expected


@given(actors, actors)
def test_a_way_in_never_gives_more_than_its_maker_could(who, whom):
    if may_vouch(who, whom):
        for school, held in whom.roles.items():
            for role in held - {Role.LEARNER}:
                assert may_grant(who, role, school)
