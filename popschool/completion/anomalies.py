"""What keeps each document from being issued today, from the facts that it would print."""

from collections.abc import Callable

from popschool.completion.rules_papers import Anomaly, PaperKind, What, hours_anomalies, is_closed, month_end
from popschool.completion.services_facts import CohortFacts, PersonFacts

Finder = Callable[[PersonFacts], list[Anomaly]]
WITH_ABSENCES = (PaperKind.CERTIFICATE, PaperKind.ATTENDANCE)


def anomalies_of(kind: PaperKind, facts: PersonFacts) -> list[Anomaly]:
    """Return what is wrong with a document, what keeps it back first."""
    found = [*issuer(facts.of), *_name(facts), *FINDERS[kind](facts)]
    if kind in WITH_ABSENCES:
        found += refused(facts)
    if facts.issued is not None:
        found.append(Anomaly(What.ALREADY_ISSUED, {"number": facts.issued.number, "id": facts.issued.id}))
    return sorted(found, key=lambda one: not one.blocks)


def refused(facts: PersonFacts) -> list[Anomaly]:
    """Return the absences whose motive the funder does not take."""
    if not facts.counted.minutes_refused or facts.share is None:
        return []
    told = {"minutes": facts.counted.minutes_refused, "funder": facts.share.funding.funder.name}
    return [Anomaly(What.MOTIVES_REFUSED, told)]


def issuer(of: CohortFacts) -> list[Anomaly]:
    """Return what is missing of the body that signs."""
    found = []
    if of.signatory is None:
        found.append(Anomaly(What.SIGNATORY_MISSING))
    if not of.network.legal_name or not of.activity_number:
        found.append(Anomaly(What.NETWORK_PAPERS_MISSING))
    if not of.title:
        found.append(Anomaly(What.TITLE_MISSING))
    return found


def _name(facts: PersonFacts) -> list[Anomaly]:
    if not facts.person.last_name.strip() or not facts.person.first_name.strip():
        return [Anomaly(What.NAME_MISSING)]
    return []


def statement(facts: PersonFacts) -> list[Anomaly]:
    """Return what keeps one line of a monthly statement back; somebody who came to nothing is a line too."""
    found = [one for one in _missing(facts) if one.what is not What.NOTHING_FOLLOWED]
    changed = [Anomaly(What.RULE_CHANGED, {"key": key, "day": days[0]}) for key, days in facts.changed.items()]
    unsigned = facts.counted.weeks_unsigned
    company = [Anomaly(What.COMPANY_NOT_SIGNED, {"count": unsigned})] if unsigned else []
    return [*_name(facts), *found, *changed, *company, *refused(facts)]


def hours(facts: PersonFacts) -> list[Anomaly]:
    """Return what is wrong with the hours, their rules and their proofs."""
    counted, share = facts.counted, facts.share
    found = hours_anomalies(counted.hours, _agreed(facts))
    days = [*counted.days_missing, *counted.not_opened]
    found = [
        Anomaly(one.what, one.facts | {"days": sorted(set(days))}) if one.what is What.HALF_DAYS_MISSING else one
        for one in found
    ]
    for key, changed in facts.changed.items():
        found.append(Anomaly(What.RULE_CHANGED, {"key": key, "day": changed[0]}))
    if share is None:
        found.append(Anomaly(What.FUNDING_MISSING))
    elif any(not one.is_confirmed for one in facts.settings.values()):
        waiting = sum(1 for one in facts.settings.values() if not one.is_confirmed)
        found.append(Anomaly(What.NOT_CONFIRMED, {"count": waiting}))
    if facts.of.weeks_open:
        found.append(Anomaly(What.WEEKS_NOT_SEALED, {"days": list(facts.of.weeks_open)}))
    if counted.weeks_unsigned:
        found.append(Anomaly(What.COMPANY_NOT_SIGNED, {"count": counted.weeks_unsigned}))
    return found


def _agreed(facts: PersonFacts) -> int | None:
    if facts.share is None or facts.settings["billing"].value == "flat":
        return None
    return facts.share.minutes_agreed


def titles(facts: PersonFacts) -> list[Anomaly]:
    """The title is one string: what the sealed sheets say is what the paper says."""
    said = {one.content.content["action"]["title"] for one in facts.of.sheets if one.content is not None}
    others = sorted(said - {facts.of.title})
    return [Anomaly(What.TITLES_DIFFER, {"title": facts.of.title, "others": others})] if others else []


def closed(facts: PersonFacts) -> list[Anomaly]:
    stretch = facts.stretch
    ends_on = min(facts.enrolment.last_day, facts.share.ends_on or stretch.last) if facts.share else None
    path_ends_on = ends_on or facts.enrolment.last_day
    if is_closed(stretch.first, stretch.last, path_ends_on, facts.of.today):
        return []
    return [Anomaly(What.PERIOD_OPEN, {"first": stretch.first, "last": stretch.last})]


def certificate(facts: PersonFacts) -> list[Anomaly]:
    return [*closed(facts), *hours(facts), *titles(facts), *_rhythm(facts)]


def _rhythm(facts: PersonFacts) -> list[Anomaly]:
    """Some funders ask for a certificate each month: one of several months is not what they wait for."""
    is_longer = facts.stretch.last > month_end(facts.stretch.first)
    is_monthly = facts.settings["certificate_rhythm"].value == "monthly"
    return [Anomaly(What.MONTHLY_ASKED)] if facts.share and is_longer and is_monthly else []


def _missing(facts: PersonFacts) -> list[Anomaly]:
    """Return what is wrong with hours that no agreement is asked about."""
    counted = facts.counted
    days = sorted({*counted.days_missing, *counted.not_opened})
    return [
        Anomaly(one.what, one.facts | {"days": days}) if one.what is What.HALF_DAYS_MISSING else one
        for one in hours_anomalies(counted.hours, None)
    ]


def _objectives(facts: PersonFacts) -> list[Anomaly]:
    return [] if facts.of.action.objectives else [Anomaly(What.OBJECTIVES_MISSING)]


def end(facts: PersonFacts) -> list[Anomaly]:
    found = [*_missing(facts), *_objectives(facts)]
    if not facts.has_ended:
        found.append(Anomaly(What.PERIOD_OPEN, {"first": facts.stretch.first, "last": facts.stretch.last}))
    return found


def attendance(facts: PersonFacts) -> list[Anomaly]:
    """Any date will do, once nothing is missing up to it."""
    changed = [
        Anomaly(What.RULE_CHANGED, {"key": key, "day": days[0]})
        for key, days in facts.changed.items()
        if key != "company_in_certificate"
    ]
    return [*_missing(facts), *changed]


def workshop(facts: PersonFacts) -> list[Anomaly]:
    return [*_missing(facts), *_objectives(facts)]


def booklet(facts: PersonFacts) -> list[Anomaly]:
    return []


def agreement(facts: PersonFacts) -> list[Anomaly]:
    periods = facts.counted.periods
    if not periods:
        return [Anomaly(What.COMPANY_MISSING)]
    named = all(one.company.strip() and one.tutor_name.strip() for one in periods)
    return [] if named else [Anomaly(What.TUTOR_MISSING)]


def company(facts: PersonFacts) -> list[Anomaly]:
    counted = facts.counted
    found = agreement(facts)
    if counted.periods and not counted.company_weeks:
        found.append(Anomaly(What.NOTHING_FOLLOWED))
    if counted.weeks_unsigned:
        found.append(Anomaly(What.COMPANY_NOT_SIGNED, {"count": counted.weeks_unsigned}))
    return found


def evaluation(facts: PersonFacts) -> list[Anomaly]:
    found = agreement(facts)
    said = [facts.told.evaluation_in(one.id) for one in facts.counted.periods]
    return [*found, Anomaly(What.EVALUATION_MISSING)] if said and None in said else found


def visit(facts: PersonFacts) -> list[Anomaly]:
    found = agreement(facts)
    return [*found, Anomaly(What.VISIT_MISSING)] if facts.counted.periods and not facts.told.visits else found


FINDERS: dict[PaperKind, Finder] = {
    PaperKind.CERTIFICATE: certificate,
    PaperKind.END: end,
    PaperKind.ATTENDANCE: attendance,
    PaperKind.WORKSHOP: workshop,
    PaperKind.BOOKLET: booklet,
    PaperKind.AGREEMENT: agreement,
    PaperKind.COMPANY: company,
    PaperKind.EVALUATION: evaluation,
    PaperKind.VISIT: visit,
}
