"""Who pays for the demonstration's places, who signs, and some papers made there: kept, replaced, revoked.

No payer is invented either: its name says what it is.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from popschool.attendance.models import CompanyPeriod
from popschool.completion import services_exams, services_funding, services_papers
from popschool.completion.models import EnrolmentFunding, Funder, Funding, TrainingAction
from popschool.completion.rules_funding import REPORT_LINES, FunderKind, FundingKind
from popschool.completion.rules_papers import PaperKind
from popschool.courses.models import Programme
from popschool.db import db
from popschool.portal import demo_bulk as bulk
from popschool.portal import demo_plan as plan
from popschool.portal.demo_participants import make_operation
from popschool.portal.demo_registers import make_registers
from popschool.reports import services_doors
from popschool.reports.rules_doors import DoorKind
from popschool.reports.services_doors import Wish
from popschool.schools.models import Cohort, Enrolment, Person

MINUTES_A_WEEK = 35 * 60
PAPERS_MADE = 6
OBJECTIVES = {
    "dwwm": (
        "Installer et configurer son environnement de travail.",
        "Réaliser la partie visible d'un site web, sur téléphone et sur ordinateur.",
        "Réaliser la partie d'un site web qui garde et traite les données.",
        "Documenter et mettre en ligne un site web.",
    ),
    "fabnum": (
        "Utiliser un ordinateur, un téléphone et une boîte mail en sécurité.",
        "Faire ses démarches en ligne sans aide.",
        "Présenter un travail fait avec des outils numériques.",
    ),
    "pop-cafe": ("Créer un mot de passe solide, et le retrouver.",),
}
SPECIALITIES = {"dwwm": "326", "fabnum": "326", "pop-cafe": "326"}


class Payers:
    """The funders of the whole network, and what each school has agreed with one."""

    def __init__(self, demo: Any, actor: Person):
        self.demo, self.actor = demo, actor
        self.made: dict[tuple[int | None, str], Funder] = {}
        self.state = self.funder(None, FunderKind.STATE, "Grande École du Numérique")
        self.france_travail = self.funder(None, FunderKind.FRANCE_TRAVAIL, "France Travail")
        self.europe = self.funder(None, FunderKind.EUROPE, "Fonds social européen plus (FSE+)")

    def funder(self, school_id: int | None, kind: FunderKind, name: str) -> Funder:
        """Return a funder of a school or of the network, the same for two cohorts of one school."""
        if (school_id, name) not in self.made:
            self.made[school_id, name] = services_funding.add_funder(
                school_id, kind, name, "", "", self.actor.id, self.demo.now
            )
        return self.made[school_id, name]

    def agreed(self, cohort: Cohort, funder: Funder, kind: FundingKind, scheme: str, **more: Any) -> Funding:
        """Write what a funder pays for at a cohort's school, for the cohort's days."""
        school = cohort.school
        values = {
            "funder_id": funder.id,
            "kind": str(kind),
            "scheme": scheme,
            "agreement": f"{cohort.code}-{funder.id:02}",
            "lot": "",
            "report_line": REPORT_LINES[FunderKind(funder.kind)],
            "is_funded_by_union": False,
            "starts_on": cohort.starts_on,
            "ends_on": cohort.ends_on,
            "minutes_agreed": None,
        }
        return services_funding.save_funding(school, None, values | more, self.actor.id, self.demo.now)

    def usual(self, cohort: Cohort, programme: str) -> tuple[Funding, str]:
        """Return what pays for a cohort's places, and the first part of a voucher's number when each has one."""
        name = cohort.school.name
        if programme == "pop-cafe":
            other = self.funder(cohort.school_id, FunderKind.OTHER_PUBLIC, f"Métropole de {name}")
            return self.agreed(cohort, other, FundingKind.VOUCHER, "Chèques numériques"), "CN"
        if programme == "fabnum":
            return self.agreed(cohort, self.state, FundingKind.GROUP, "Formation labellisée"), ""
        region = self.funder(cohort.school_id, FunderKind.REGION, f"Région {cohort.school.region}")
        return self.agreed(cohort, region, FundingKind.GROUP, "Programme régional de formation", lot="3"), ""


def make_fundings(demo: Any, cohorts: Sequence[Cohort]) -> None:
    """Let every place be paid for, every school have somebody who signs, and the first cohort have its papers."""
    managers = _managers([one.school_id for one in cohorts])
    payers = Payers(demo, next(iter(managers.values())))
    programmes = {one.id: one.key for one in db.session.execute(select(Programme.id, Programme.key))}
    signed: set[int] = set()
    agreed: dict[int, tuple[Funding, str]] = {}
    for cohort in cohorts:
        manager, programme = managers[cohort.school_id], programmes[cohort.programme_id]
        if cohort.school_id not in signed:
            signed.add(cohort.school_id)
            services_funding.say_signatory(
                cohort.school_id, manager.first_name, manager.last_name, "responsable de l'école", cohort.school.name,
                cohort.starts_on, manager, demo.now,
            )  # fmt: skip
        agreed[cohort.id] = payers.usual(cohort, programme)
        _pay(cohort, *agreed[cohort.id], demo)
        db.session.add(
            TrainingAction(
                cohort_id=cohort.id, school_id=cohort.school_id, nature="training",
                objectives=list(OBJECTIVES[programme]), speciality=SPECIALITIES[programme],
                changed_by_id=manager.id, changed_at=demo.now,
            )
        )  # fmt: skip
    db.session.flush()
    _first_cohort(demo, payers, cohorts[0], managers[cohorts[0].school_id])
    _open_doors(demo, payers, cohorts[0], managers[cohorts[0].school_id])
    make_operation(demo, cohorts[0], managers[cohorts[0].school_id])
    make_registers(demo, cohorts[0], managers[cohorts[0].school_id])
    workshop = next((one for one in cohorts if programmes[one.programme_id] == "pop-cafe"), None)
    if workshop is not None:
        _issue(demo, workshop, PaperKind.WORKSHOP, managers[workshop.school_id])


def _open_doors(demo: Any, payers: Payers, cohort: Cohort, manager: Person) -> None:
    """Let the account of a funder see whom it pays at the first school, and the auditor's see all those of a year."""
    mails = select(Person.mail, Person).where(Person.mail.in_(("financeur01@example.org", "auditrice01@example.org")))
    accounts = {mail: person for mail, person in db.session.execute(mails)}
    region = payers.funder(cohort.school_id, FunderKind.REGION, f"Région {cohort.school.region}")
    for kind, mail, given in (
        (DoorKind.FUNDER, "financeur01@example.org", {"funder_id": region.id}),
        (
            DoorKind.AUDITOR,
            "auditrice01@example.org",
            {
                "covers_from": cohort.starts_on,
                "covers_to": cohort.ends_on,
                "ends_on": demo.day + timedelta(days=60),
            },
        ),
    ):
        wish = Wish(kind, is_link=False, for_whom=accounts[mail].name, mail=mail, **given)
        school_id = cohort.school_id if kind is DoorKind.FUNDER else None
        services_doors.open_door(school_id, wish, manager, demo.now, demo.day)


def _managers(schools: Sequence[int]) -> dict[int, Person]:
    people = db.session.scalars(
        select(Person).where(Person.home_school_id.in_(schools), Person.first_name == "Responsable").order_by(Person.id)
    )
    return {one.home_school_id: one for one in people if one.home_school_id is not None}


def _pay(cohort: Cohort, funding: Funding, voucher: str, demo: Any) -> None:
    """Let a funding pay for every place of a cohort, in one insertion."""
    weeks = ((cohort.ends_on - cohort.starts_on).days + 3) // 7
    minutes = MINUTES_A_WEEK * weeks
    places = db.session.scalars(select(Enrolment.id).where(Enrolment.cohort_id == cohort.id).order_by(Enrolment.id))
    rows = [
        {
            "school_id": cohort.school_id,
            "enrolment_id": enrolment_id,
            "funding_id": funding.id,
            "starts_on": cohort.starts_on,
            "ends_on": cohort.ends_on,
            "minutes_agreed": minutes,
            "voucher": f"{voucher}-{cohort.code}-{place:03}" if voucher else "",
            "created_at": demo.now,
        }
        for place, enrolment_id in enumerate(places, 1)
    ]
    bulk.add(EnrolmentFunding, rows)
    funding.minutes_agreed = minutes * len(rows)


def _first_cohort(demo: Any, payers: Payers, cohort: Cohort, manager: Person) -> None:
    """Give the first cohort a bit of everything: several payers, a change on the way, a company, an exam, papers."""
    places = db.session.scalars(
        select(Enrolment).where(Enrolment.cohort_id == cohort.id).order_by(Enrolment.id).limit(4)
    ).all()
    _second_payers(demo, payers, cohort, places, manager)
    for enrolment in places[:3]:
        first = plan.monday_of(demo.day) + timedelta(weeks=6)
        db.session.add(
            CompanyPeriod(
                school_id=cohort.school_id, cohort_id=cohort.id, person_id=enrolment.person_id, starts_on=first,
                ends_on=min(first + timedelta(weeks=8, days=-3), cohort.ends_on),
                company="Entreprise de démonstration", tutor_name="Tuteur 01", tutor_mail="tuteur01@example.org",
                minutes_a_day=420, created_at=demo.now,
            )
        )  # fmt: skip
    exam_on = plan.last_open_day(cohort.ends_on)
    services_exams.plan_exam(cohort, "Session de fin de parcours", exam_on, "Salle 1", manager, demo.now)
    certificates = _issue(demo, cohort, PaperKind.CERTIFICATE, manager)
    _issue(demo, cohort, PaperKind.ATTENDANCE, manager)
    if len(certificates) > 1:
        replaced, revoked = certificates[0], certificates[1]
        [again] = [
            one
            for one in _previews(cohort, PaperKind.CERTIFICATE, demo.day, replaced.enrolment_id)
            if one.facts.issued is not None and one.facts.issued.id == replaced.id
        ]
        services_papers.issue(
            again, manager, demo.now, replaced, "Le numéro de dossier manquait sur l'annexe", chance=demo.random
        )
        services_papers.revoke(revoked, manager, "Fait deux fois : l'autre est gardé", demo.now)


def _second_payers(demo: Any, payers: Payers, cohort: Cohort, places: Sequence[Enrolment], manager: Person) -> None:
    """Let Europe pay for one place too, France Travail take another over, and a company pay for its employee."""
    company = payers.funder(cohort.school_id, FunderKind.COMPANY, "Entreprise de démonstration")
    europe = payers.agreed(cohort, payers.europe, FundingKind.PERSON, "FSE+", is_funded_by_union=True)
    taken_over = payers.agreed(cohort, payers.france_travail, FundingKind.PERSON, "Aide individuelle")
    staff = payers.agreed(cohort, company, FundingKind.COMPANY, "Plan de développement des compétences")
    following = {place: funding for place, funding in zip(places[1:], (europe, taken_over, staff), strict=False)}
    for place, funding in following.items():
        starts_on = cohort.starts_on
        if funding is taken_over:
            [before] = services_funding.shares_of(place.id)
            ends_on = plan.monday_of(demo.day) + timedelta(days=-1)
            services_funding.end_share(before, ends_on, "France Travail prend la suite", manager.id, demo.now)
            starts_on = ends_on + timedelta(days=1)
        services_funding.fund(
            place, funding, starts_on, cohort.ends_on, manager.id, demo.now, minutes_agreed=700 * 60,
            employer="Entreprise de démonstration" if funding is staff else "",
        )  # fmt: skip


def _previews(cohort: Cohort, kind: PaperKind, today: date, only: int | None = None) -> list:
    """Return the papers of the last month that was over yesterday, or of the days up to it for the other kinds."""
    yesterday = plan.last_open_day(today - timedelta(days=1))
    last = yesterday.replace(day=1) - timedelta(days=1) if kind is PaperKind.CERTIFICATE else yesterday
    first = max(cohort.starts_on, last.replace(day=1)) if kind is PaperKind.CERTIFICATE else cohort.starts_on
    return services_papers.previews(cohort, kind, first, last, today, only)[1] if first <= last else []


def _issue(demo: Any, cohort: Cohort, kind: PaperKind, manager: Person) -> list:
    """Make some papers of a cohort, those that nothing keeps back."""
    ready = [one for one in _previews(cohort, kind, demo.day) if one.is_ready]
    return [services_papers.issue(one, manager, demo.now, chance=demo.random) for one in ready[:PAPERS_MADE]]
