"""Who may do what: one table, from each action to the relations that allow it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from popschool.errors import RuleBroken
from popschool.schools.rules import Place


class Role(StrEnum):
    """What a person is in a school, or in the whole network."""

    LEARNER = "learner"
    TRAINER = "trainer"
    AUTHOR = "author"
    SCHOOL_MANAGER = "school_manager"
    NETWORK_MANAGER = "network_manager"
    FUNDER = "funder"
    AUDITOR = "auditor"
    DISABILITY_CONTACT = "disability_contact"


STAFF = frozenset({Role.TRAINER, Role.AUTHOR, Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER, Role.DISABILITY_CONTACT})
# What they may do reaches everybody's data: a password alone does not open it.
NEED_SECOND_FACTOR = frozenset({Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER})
NETWORK_ROLES = frozenset({Role.NETWORK_MANAGER, Role.AUTHOR, Role.FUNDER, Role.AUDITOR})
SCHOOL_ROLES = frozenset({Role.TRAINER, Role.SCHOOL_MANAGER, Role.DISABILITY_CONTACT})


@dataclass(frozen=True)
class Actor:
    """A person seen by the table: roles by school (None for the whole network), cohorts learnt in and trained now."""

    person_id: int
    roles: Mapping[int | None, frozenset[Role]] = field(default_factory=dict)
    learns_in: frozenset[int] = frozenset()
    learnt_in: frozenset[int] = frozenset()
    trains_in: frozenset[int] = frozenset()
    schools_learnt: frozenset[int] = frozenset()
    learns_at: frozenset[int] = frozenset()

    def holds(self, *wanted: Role) -> bool:
        """Say whether this person holds one of these roles, anywhere."""
        return any(role in held for held in self.roles.values() for role in wanted)

    def schools_as(self, *wanted: Role) -> frozenset[int]:
        """Return the schools where one of these roles is held."""
        return frozenset(
            school for school, held in self.roles.items() if school is not None and held.intersection(wanted)
        )

    @property
    def has_moved(self) -> bool:
        """Say whether this person has learnt in several cohorts."""
        return len(self.learns_in | self.learnt_in) > 1

    @property
    def all_roles(self) -> frozenset[Role]:
        roles = frozenset(role for held in self.roles.values() for role in held)
        return roles | {Role.LEARNER} if self.learns_in or self.learnt_in else roles


Relation = Callable[[Actor, Place], bool]


def anyone(actor: Actor, place: Place) -> bool:
    """Everybody who is signed in."""
    return True


def oneself(actor: Actor, place: Place) -> bool:
    """The person, or one of the people, that the thing is about."""
    return actor.person_id in place.people


def learns_in(actor: Actor, place: Place) -> bool:
    """A learner of the cohort, today."""
    return bool(actor.learns_in & place.cohorts)


def learnt_in(actor: Actor, place: Place) -> bool:
    """A learner of the cohort, today or before."""
    return bool((actor.learnt_in | actor.learns_in) & place.cohorts)


def trains_in(actor: Actor, place: Place) -> bool:
    """A trainer posted to the cohort, today."""
    return bool(actor.trains_in & place.cohorts)


def trains_at(actor: Actor, place: Place) -> bool:
    """A trainer of the school."""
    return bool(actor.schools_as(Role.TRAINER) & place.schools)


def manages_school(actor: Actor, place: Place) -> bool:
    """A manager of the school."""
    return bool(actor.schools_as(Role.SCHOOL_MANAGER) & place.schools)


def manages_network(actor: Actor, place: Place) -> bool:
    return Role.NETWORK_MANAGER in actor.roles.get(None, frozenset())


def holds(*roles: Role) -> Relation:
    """One of these roles, anywhere: for pages that list only what is one's own."""

    def relation(actor: Actor, place: Place) -> bool:
        return bool(actor.all_roles.intersection(roles))

    relation.__name__ = "holds " + " or ".join(roles)
    return relation


def audits(actor: Actor, place: Place) -> bool:
    """An auditor of the school, or of the whole network."""
    return Role.AUDITOR in actor.roles.get(None, frozenset()) or bool(actor.schools_as(Role.AUDITOR) & place.schools)


def keeps_secrets(actor: Actor, place: Place) -> bool:
    """The disability contact of the school: what lies under lock is for them alone."""
    return bool(actor.schools_as(Role.DISABILITY_CONTACT) & place.schools)


def holds_door(actor: Actor, place: Place) -> bool:
    """The funder or the auditor whose door it is."""
    return oneself(actor, place) and bool(actor.all_roles & {Role.FUNDER, Role.AUDITOR})


def works_at(actor: Actor, place: Place) -> bool:
    """Any of the staff of the school."""
    return bool(actor.schools_as(*STAFF) & place.schools) or manages_network(actor, place)


class Action(StrEnum):
    """Each thing that somebody may be allowed to do."""

    # everybody
    SEE_HOME = "see_home"
    SEE_OWN_ACCOUNT = "see_own_account"
    SEE_OWN_NOTICES = "see_own_notices"
    SEE_SITE_MAP = "see_site_map"
    SEE_BARRIERS = "see_barriers"
    ANSWER_BARRIER = "answer_barrier"
    SEE_REGISTER = "see_register"
    # what needs a second person
    SEE_PROPOSAL = "see_proposal"
    ANSWER_PROPOSAL = "answer_proposal"
    SEE_RETENTION = "see_retention"
    # the record of acts
    SEE_LOG = "see_log"
    SEE_READERS = "see_readers"
    USE_API = "use_api"
    END_OWN_KEY = "end_own_key"
    MANAGE_WEBHOOKS = "manage_webhooks"
    # schools and people
    SEE_NETWORK = "see_network"
    OPEN_SCHOOL = "open_school"
    SEE_SCHOOL = "see_school"
    EDIT_SCHOOL = "edit_school"
    SEE_COHORTS = "see_cohorts"
    SEE_COHORT = "see_cohort"
    OPEN_COHORT = "open_cohort"
    EDIT_COHORT = "edit_cohort"
    FIND_PEOPLE = "find_people"
    SEE_PERSON = "see_person"
    EDIT_PERSON = "edit_person"
    ENROL = "enrol"
    POST_TRAINER = "post_trainer"
    SEE_ACCOMMODATIONS = "see_accommodations"
    ARRANGE_ACCOMMODATION = "arrange_accommodation"
    KEEP_NOTES = "keep_notes"
    INVITE = "invite"
    INVITE_STAFF = "invite_staff"
    PRINT_CARD = "print_card"
    CLOSE_ACCOUNT = "close_account"
    MANAGE_PROVIDER = "manage_provider"
    SEE_KEPT_MESSAGES = "see_kept_messages"
    # courses
    READ_COURSE = "read_course"
    READ_TEAM_PAGES = "read_team_pages"
    SEARCH_COURSES = "search_courses"
    MANAGE_SOURCES = "manage_sources"
    SYNC_SOURCE = "sync_source"
    WRITE_PAGE = "write_page"
    MOVE_REVISION = "move_revision"
    # work
    SET_ASSIGNMENT = "set_assignment"
    SEE_ASSIGNMENT = "see_assignment"
    SEE_OWN_PROJECTS = "see_own_projects"
    SUBMIT_WORK = "submit_work"
    SEE_SUBMISSION = "see_submission"
    CHOOSE_VERSION = "choose_version"
    FORM_TEAMS = "form_teams"
    JOIN_TEAM = "join_team"
    GRANT_EXTENSION = "grant_extension"
    SEE_QUIZ_ATTEMPT = "see_quiz_attempt"
    SEE_QUIZ_RESULTS = "see_quiz_results"
    TICK_BOXES = "tick_boxes"
    ASK_HELP = "ask_help"
    SEE_HELP_REQUEST = "see_help_request"
    END_OWN_HELP = "end_own_help"
    SEE_HELP_QUEUE = "see_help_queue"
    ANSWER_HELP = "answer_help"
    # reading each other's work
    SEE_OWN_REVIEWS = "see_own_reviews"
    REVIEW_WORK = "review_work"
    READ_REVIEWS = "read_reviews"
    SEE_ROUND = "see_round"
    RUN_ROUND = "run_round"
    # answering
    SEE_QUEUE = "see_queue"
    GIVE_FEEDBACK = "give_feedback"
    SEE_BOARD = "see_board"
    SEE_OWN_COMPETENCES = "see_own_competences"
    SEE_COMPETENCES = "see_competences"
    # attendance
    SEE_OWN_PRESENCE = "see_own_presence"
    SIGN_HALF_DAY = "sign_half_day"
    SEE_ATTENDANCE = "see_attendance"
    SEE_HALF_DAY = "see_half_day"
    RUN_HALF_DAY = "run_half_day"
    CORRECT_PRESENCE = "correct_presence"
    SEE_SHEETS = "see_sheets"
    CLOSE_WEEK = "close_week"
    PLAN_HALF_DAYS = "plan_half_days"
    PLAN_SCHOOL = "plan_school"
    # completion
    MANAGE_FUNDING = "manage_funding"
    SEE_COHORT_PAPERS = "see_cohort_papers"
    ISSUE_PAPER = "issue_paper"
    SEE_PAPER = "see_paper"
    SEE_AFTERWARDS = "see_afterwards"
    FOLLOW_COMPANY = "follow_company"
    SEE_OWN_PAPERS = "see_own_papers"
    END_OWN_BADGE = "end_own_badge"
    ANSWER_OWN_QUESTIONNAIRE = "answer_own_questionnaire"
    # registers
    MANAGE_REGISTERS = "manage_registers"
    SEE_RECORDS = "see_records"
    WRITE_RECORDS = "write_records"
    SEE_OWN_RECORDS = "see_own_records"
    SIGN_HOUSE_RULES = "sign_house_rules"
    GIVE_OPINION = "give_opinion"
    # reports
    SEE_BOARDS = "see_boards"
    SEE_SCHOOL_BOARD = "see_school_board"
    SEE_COHORT_BOARD = "see_cohort_board"
    SEE_OWN_DOORS = "see_own_doors"
    SEE_DOOR = "see_door"
    MANAGE_DOORS = "manage_doors"
    SEE_OPERATION = "see_operation"
    SEE_LOCKED_ANSWERS = "see_locked_answers"


_everybody = (anyone,)
_school_staff = (works_at, manages_network)
_managers = (manages_school, manages_network)
_cohort_team = (trains_in, manages_school, manages_network)

ALLOWED: dict[Action, tuple[Relation, ...]] = {
    Action.SEE_HOME: _everybody,
    Action.SEE_OWN_ACCOUNT: _everybody,
    Action.SEE_OWN_NOTICES: _everybody,
    Action.SEE_BARRIERS: (holds(Role.DISABILITY_CONTACT, Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER),),
    Action.ANSWER_BARRIER: (keeps_secrets, *_managers),
    Action.SEE_SITE_MAP: _everybody,
    Action.SEE_REGISTER: _everybody,
    Action.SEE_PROPOSAL: (oneself, *_cohort_team),
    Action.ANSWER_PROPOSAL: _cohort_team,
    Action.SEE_RETENTION: (holds(Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER, Role.AUDITOR),),
    Action.SEE_LOG: (manages_school, manages_network, audits),
    Action.SEE_READERS: (oneself, manages_school, manages_network),
    Action.USE_API: _everybody,
    Action.END_OWN_KEY: (oneself,),
    Action.MANAGE_WEBHOOKS: _managers,
    Action.SEE_NETWORK: (manages_network,),
    Action.OPEN_SCHOOL: (manages_network,),
    Action.SEE_SCHOOL: _school_staff,
    Action.EDIT_SCHOOL: (manages_network,),
    Action.SEE_COHORTS: (holds(Role.TRAINER, Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER),),
    Action.SEE_COHORT: _cohort_team,
    Action.OPEN_COHORT: _managers,
    Action.EDIT_COHORT: _managers,
    Action.FIND_PEOPLE: (holds(Role.TRAINER, Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER),),
    Action.SEE_PERSON: (oneself, *_cohort_team),
    Action.EDIT_PERSON: _managers,
    Action.ENROL: _managers,
    Action.POST_TRAINER: _managers,
    Action.SEE_ACCOMMODATIONS: (oneself, *_cohort_team),
    Action.ARRANGE_ACCOMMODATION: (*_managers, keeps_secrets),
    Action.KEEP_NOTES: (keeps_secrets,),
    Action.INVITE: _managers,
    Action.INVITE_STAFF: _managers,
    Action.PRINT_CARD: _cohort_team,
    Action.CLOSE_ACCOUNT: _managers,
    Action.MANAGE_PROVIDER: _managers,
    Action.SEE_KEPT_MESSAGES: (holds(*STAFF),),
    Action.READ_COURSE: (learnt_in, holds(*STAFF)),
    Action.READ_TEAM_PAGES: (holds(*STAFF),),
    Action.SEARCH_COURSES: _everybody,
    Action.MANAGE_SOURCES: (holds(Role.AUTHOR, Role.NETWORK_MANAGER),),
    Action.SYNC_SOURCE: (holds(Role.AUTHOR, Role.NETWORK_MANAGER),),
    Action.WRITE_PAGE: (holds(Role.AUTHOR, Role.NETWORK_MANAGER),),
    Action.MOVE_REVISION: (trains_in, manages_school),
    Action.SET_ASSIGNMENT: (trains_in, manages_school),
    Action.SEE_ASSIGNMENT: (learnt_in, *_cohort_team),
    Action.SEE_OWN_PROJECTS: _everybody,
    Action.SUBMIT_WORK: (learns_in,),
    Action.SEE_SUBMISSION: (oneself, *_cohort_team),
    Action.CHOOSE_VERSION: (oneself,),
    Action.FORM_TEAMS: (trains_in, manages_school),
    Action.JOIN_TEAM: (learns_in,),
    Action.GRANT_EXTENSION: (trains_in, manages_school),
    Action.SEE_QUIZ_ATTEMPT: (oneself, *_cohort_team),
    Action.SEE_QUIZ_RESULTS: _cohort_team,
    Action.TICK_BOXES: (learns_in,),
    Action.ASK_HELP: (learns_in,),
    Action.SEE_HELP_REQUEST: (oneself, *_cohort_team),
    Action.END_OWN_HELP: (oneself,),
    Action.SEE_HELP_QUEUE: (holds(Role.TRAINER, Role.SCHOOL_MANAGER),),
    Action.ANSWER_HELP: (trains_in,),
    Action.SEE_OWN_REVIEWS: _everybody,
    Action.REVIEW_WORK: (oneself,),
    Action.READ_REVIEWS: (oneself,),
    Action.SEE_ROUND: _cohort_team,
    Action.RUN_ROUND: (trains_in, manages_school),
    Action.SEE_QUEUE: (holds(Role.TRAINER, Role.SCHOOL_MANAGER),),
    Action.GIVE_FEEDBACK: (trains_in,),
    Action.SEE_BOARD: _cohort_team,
    Action.SEE_OWN_COMPETENCES: _everybody,
    Action.SEE_COMPETENCES: (oneself, *_cohort_team),
    Action.SEE_OWN_PRESENCE: _everybody,
    Action.SIGN_HALF_DAY: (learnt_in, oneself),
    Action.SEE_ATTENDANCE: (holds(Role.TRAINER, Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER),),
    Action.SEE_HALF_DAY: _cohort_team,
    Action.RUN_HALF_DAY: (trains_in, manages_school),
    Action.CORRECT_PRESENCE: (trains_in, manages_school),
    Action.SEE_SHEETS: _cohort_team,
    Action.CLOSE_WEEK: _cohort_team,
    Action.PLAN_HALF_DAYS: _cohort_team,
    Action.PLAN_SCHOOL: _managers,
    Action.MANAGE_FUNDING: _managers,
    Action.SEE_COHORT_PAPERS: _cohort_team,
    Action.ISSUE_PAPER: _managers,
    Action.SEE_AFTERWARDS: _cohort_team,
    Action.FOLLOW_COMPANY: _cohort_team,
    Action.SEE_PAPER: (oneself, *_cohort_team),
    Action.SEE_OWN_PAPERS: _everybody,
    Action.END_OWN_BADGE: (oneself,),
    Action.ANSWER_OWN_QUESTIONNAIRE: (oneself,),
    Action.MANAGE_REGISTERS: _managers,
    Action.SEE_RECORDS: (oneself, *_cohort_team),
    Action.WRITE_RECORDS: _cohort_team,
    Action.SEE_OWN_RECORDS: _everybody,
    Action.SIGN_HOUSE_RULES: (oneself,),
    Action.GIVE_OPINION: (oneself,),
    Action.SEE_BOARDS: (holds(Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER),),
    Action.SEE_SCHOOL_BOARD: _managers,
    Action.SEE_COHORT_BOARD: _cohort_team,
    Action.SEE_OWN_DOORS: (holds(Role.FUNDER, Role.AUDITOR),),
    Action.SEE_DOOR: (holds_door,),
    Action.MANAGE_DOORS: _managers,
    Action.SEE_OPERATION: (keeps_secrets, *_managers),
    Action.SEE_LOCKED_ANSWERS: (keeps_secrets,),
}


def may(actor: Actor, action: Action, place: Place = Place()) -> bool:
    """Say whether this person may do that there."""
    return any(relation(actor, place) for relation in ALLOWED[action])


def can_see(actor: Actor, place: Place) -> bool:
    """Say whether this place is theirs at all: another's is answered as if it did not exist.

    A school and a cohort are their learners' too; other cohorts, and what is somebody else's in their own, are not.
    """
    if not place.people and (learnt_in(actor, place) or (place.schools & actor.schools_learnt and not place.cohorts)):
        return True
    return any(relation(actor, place) for relation in (oneself, trains_in, trains_at, works_at, manages_network))


@dataclass
class NotAllowed(RuleBroken):
    """One's own, but the act is for somebody else."""

    action: str
