"""What a document is, what may keep one from being issued, and how it is numbered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from random import Random, SystemRandom
from typing import Any

from popschool.completion.rules_hours import Hours
from popschool.errors import RuleBroken


class PaperKind(StrEnum):
    """The documents of a person or of a cohort. The value is kept, and the short name goes into the number."""

    CERTIFICATE = "certificate"
    END = "end"
    ATTENDANCE = "attendance"
    MONTH = "month"
    WORKSHOP = "workshop"
    BOOKLET = "booklet"
    AGREEMENT = "agreement"
    COMPANY = "company"
    EVALUATION = "evaluation"
    VISIT = "visit"
    REPORT = "report"
    NETWORK = "network"
    HOURS = "hours"
    INVOICE = "invoice"
    INTERVIEWS = "interviews"
    POSITIONING = "positioning"
    HOUSE_RULES = "house_rules"
    SURVEYS = "surveys"
    COMPLAINTS = "complaints"
    IMPROVEMENTS = "improvements"
    BOARD = "board"
    NETWORK_BOARD = "boards"


SHORT = {
    PaperKind.CERTIFICATE: "CR", PaperKind.END: "AF", PaperKind.ATTENDANCE: "AA", PaperKind.MONTH: "EM",
    PaperKind.WORKSHOP: "PC", PaperKind.BOOKLET: "LC", PaperKind.AGREEMENT: "CS", PaperKind.COMPANY: "PE",
    PaperKind.EVALUATION: "EE", PaperKind.VISIT: "CV", PaperKind.REPORT: "BP", PaperKind.NETWORK: "BP",
    PaperKind.HOURS: "EH", PaperKind.INVOICE: "AH",
    PaperKind.INTERVIEWS: "RE", PaperKind.POSITIONING: "RP", PaperKind.HOUSE_RULES: "RI",
    PaperKind.SURVEYS: "RS", PaperKind.COMPLAINTS: "RC", PaperKind.IMPROVEMENTS: "RA",
    PaperKind.BOARD: "TS", PaperKind.NETWORK_BOARD: "TS",
}  # fmt: skip
NAMES = {
    PaperKind.CERTIFICATE: "Certificat de réalisation",
    PaperKind.END: "Attestation de fin de formation",
    PaperKind.ATTENDANCE: "Attestation d'assiduité",
    PaperKind.MONTH: "État de présence mensuel",
    PaperKind.WORKSHOP: "Attestation d'atelier",
    PaperKind.BOOKLET: "Livret de compétences",
    PaperKind.AGREEMENT: "Convention de période en entreprise",
    PaperKind.COMPANY: "État de présence en entreprise",
    PaperKind.EVALUATION: "Évaluation en entreprise",
    PaperKind.VISIT: "Compte rendu de visite en entreprise",
    PaperKind.REPORT: "Bilan pédagogique et financier, copie",
    PaperKind.NETWORK: "Bilan pédagogique et financier du réseau, copie",
    PaperKind.HOURS: "État des heures",
    PaperKind.INVOICE: "Annexe d'heures à la facture",
    PaperKind.INTERVIEWS: "Registre des entretiens",
    PaperKind.POSITIONING: "Registre des positionnements",
    PaperKind.HOUSE_RULES: "Registre du règlement intérieur",
    PaperKind.SURVEYS: "Registre des enquêtes de satisfaction",
    PaperKind.COMPLAINTS: "Registre des réclamations",
    PaperKind.IMPROVEMENTS: "Registre des améliorations",
    PaperKind.BOARD: "Tableau de suivi",
    PaperKind.NETWORK_BOARD: "Tableau de suivi du réseau",
}
# Papers whose name is feminine: an attestation is "établie", a certificate is "établi".
FEMININE = frozenset({PaperKind.END, PaperKind.ATTENDANCE, PaperKind.WORKSHOP, PaperKind.AGREEMENT,
                      PaperKind.EVALUATION, PaperKind.INVOICE})  # fmt: skip
# The registers of a school, which are printed for a period.
REGISTERS = frozenset({
    PaperKind.INTERVIEWS, PaperKind.POSITIONING, PaperKind.HOUSE_RULES, PaperKind.SURVEYS, PaperKind.COMPLAINTS,
    PaperKind.IMPROVEMENTS,
})  # fmt: skip
# Where a school stood on the day that it was asked: the same days can be asked again, and none takes another's place.
BOARDS = frozenset({PaperKind.BOARD, PaperKind.NETWORK_BOARD})
# Papers of all the schools, kept in the chain of the first one.
OF_THE_NETWORK = frozenset({PaperKind.NETWORK, PaperKind.NETWORK_BOARD})
OF_A_PERSON = (
    PaperKind.CERTIFICATE, PaperKind.END, PaperKind.ATTENDANCE, PaperKind.WORKSHOP, PaperKind.BOOKLET,
    PaperKind.AGREEMENT, PaperKind.COMPANY, PaperKind.EVALUATION, PaperKind.VISIT,
)  # fmt: skip
# No letter that is read as another: neither I, L, O, U, nor 0 and 1.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12


class What(StrEnum):
    """What is wrong before a document is issued. The words and the page that mends it are told by the page."""

    HALF_DAYS_MISSING = "half_days_missing"
    HOURS_DISAGREE = "hours_disagree"
    SUMMARY_DIFFERS = "summary_differs"
    HOURS_OVER_AGREED = "hours_over_agreed"
    PERIOD_OPEN = "period_open"
    NOTHING_FOLLOWED = "nothing_followed"
    SIGNATORY_MISSING = "signatory_missing"
    NETWORK_PAPERS_MISSING = "network_papers_missing"
    TITLE_MISSING = "title_missing"
    TITLES_DIFFER = "titles_differ"
    RULE_CHANGED = "rule_changed"
    FUNDING_MISSING = "funding_missing"
    NOT_CONFIRMED = "not_confirmed"
    WEEKS_NOT_SEALED = "weeks_not_sealed"
    COMPANY_NOT_SIGNED = "company_not_signed"
    OBJECTIVES_MISSING = "objectives_missing"
    COMPANY_MISSING = "company_missing"
    TUTOR_MISSING = "tutor_missing"
    EVALUATION_MISSING = "evaluation_missing"
    VISIT_MISSING = "visit_missing"
    ALREADY_ISSUED = "already_issued"
    EMPLOYER_MISSING = "employer_missing"
    NAME_MISSING = "name_missing"
    NOT_CLASSIFIED = "not_classified"
    MOTIVES_REFUSED = "motives_refused"
    MONTHLY_ASKED = "monthly_asked"
    NOBODY_PAID = "nobody_paid"
    PRICE_MISSING = "price_missing"
    BILLED_FLAT = "billed_flat"
    NOT_SEALED_LEFT_OUT = "not_sealed_left_out"
    CORRECTED_SINCE = "corrected_since"


BLOCKING = frozenset(What) - {
    What.FUNDING_MISSING, What.NOT_CONFIRMED, What.WEEKS_NOT_SEALED, What.COMPANY_NOT_SIGNED, What.ALREADY_ISSUED,
    What.MOTIVES_REFUSED, What.MONTHLY_ASKED, What.BILLED_FLAT, What.NOT_SEALED_LEFT_OUT,
}  # fmt: skip


# What is wrong with a whole cohort at once is said once, with the link that mends it.
OF_THE_COHORT = frozenset(
    {
        What.SIGNATORY_MISSING, What.NETWORK_PAPERS_MISSING, What.TITLE_MISSING, What.TITLES_DIFFER, What.PERIOD_OPEN,
        What.OBJECTIVES_MISSING, What.WEEKS_NOT_SEALED, What.COMPANY_MISSING, What.FUNDING_MISSING,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Anomaly:
    """One thing wrong, with its facts: days, minutes, names."""

    what: What
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        return self.what in BLOCKING


def shared(found: Sequence[Sequence[Anomaly]]) -> list[Anomaly]:
    """Return what is wrong with each of several documents alike, of what is the cohort's to mend.

    One document alone shares nothing: what is wrong with it is said beside it.
    """
    if len(found) < 2:
        return []
    return [one for one in found[0] if one.what in OF_THE_COHORT and all(one in others for others in found[1:])]


@dataclass
class HeldBack(RuleBroken):
    """One thing is wrong with what was to be issued: other features say it in the same words."""

    anomaly: Anomaly


@dataclass
class NotReady(RuleBroken):
    """Something keeps this document from being issued."""

    anomalies: int


@dataclass
class AlreadyRevoked(RuleBroken):
    """This document is revoked already, or another has replaced it."""


@dataclass
class ChangeReasonMissing(RuleBroken):
    """A document is replaced or revoked with a reason that others can read."""


@dataclass
class AlreadyIssued(RuleBroken):
    """The same document was issued already: it can be replaced, with a reason."""

    number: str


@dataclass
class NoAddress(RuleBroken):
    """This person has no mail address."""


def number(school: str, year: int, kind: PaperKind, sequence: int) -> str:
    """Return the number that a document prints.

    >>> number("VAL", 2027, PaperKind.CERTIFICATE, 12)
    'VAL-2027-CR-0012'
    """
    return f"{school}-{year}-{SHORT[kind]}-{sequence:04}"


# What nobody can guess; a demonstration, which is the same each time, gives its own chance.
UNGUESSABLE = SystemRandom()


def new_code(chance: Random = UNGUESSABLE) -> str:
    """Return a code by which one who holds the paper checks it: nobody guesses it."""
    return "".join(chance.choice(CODE_LETTERS) for _letter in range(CODE_LENGTH))


def new_salt(chance: Random = UNGUESSABLE) -> str:
    return f"{chance.getrandbits(128):032x}"


def read_code(written: str) -> str:
    """Return a code as it is kept: capitals, without what makes it readable."""
    return "".join(char for char in written.upper() if char in CODE_LETTERS)


def in_fours(code: str) -> str:
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def hours_anomalies(hours: Hours, agreed: int | None, summary: int | None = None) -> list[Anomaly]:
    """Return what is wrong with the hours that a certificate would print.

    `agreed` are the minutes of its agreement, when it says some: more cannot be billed. `summary` are the minutes
    attended that the ledger gives, when they were counted again.
    """
    found = []
    if not hours.adds_up:
        found.append(Anomaly(What.HOURS_DISAGREE))
    if hours.missing:
        found.append(Anomaly(What.HALF_DAYS_MISSING, {"minutes": hours.missing}))
    if summary is not None and summary != hours.attended:
        found.append(Anomaly(What.SUMMARY_DIFFERS, {"kept": hours.attended, "counted": summary}))
    if not hours.realised and not hours.company:
        found.append(Anomaly(What.NOTHING_FOLLOWED))
    if agreed is not None and hours.realised > agreed:
        found.append(Anomaly(What.HOURS_OVER_AGREED, {"minutes": hours.realised, "agreed": agreed}))
    return found


def is_closed(first: date, last: date, path_ends_on: date, today: date) -> bool:
    """Say whether a period may be certified: the path has ended, or a whole month has."""
    if last >= today:
        return False
    if last >= path_ends_on:
        return True
    return last == month_end(last) and first <= last


def kept_until(ends_on: date, years: int) -> date:
    """Return the last day on which a document's content is kept: so many years after the one in which it ends.

    >>> kept_until(date(2027, 7, 12), 3)
    datetime.date(2030, 12, 31)
    """
    return date(ends_on.year + years, 12, 31)


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def check_ready(anomalies: Sequence[Anomaly]) -> None:
    """Raises NotReady."""
    blocking = sum(1 for one in anomalies if one.blocks)
    if blocking:
        raise NotReady(blocking)


def check_reason(reason: str) -> str:
    """Return a reason without its edges. Raises ChangeReasonMissing."""
    if not reason.strip():
        raise ChangeReasonMissing
    return reason.strip()


# A change of one of these in the middle of a period would print two rules at once: the period is cut on that day.
RULES_PRINTED = ("attendance_formula", "rounding", "company_in_certificate")
