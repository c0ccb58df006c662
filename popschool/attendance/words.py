"""The words of attendance: what is refused, how somebody signed, how a half-day stands."""

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from popschool.attendance import (
    papers_brought,
    pins,
    rules,
    rules_calendar,
    rules_codes,
    services_absences,
    services_codes,
    services_company,
    services_marks,
    services_merging,
    services_planning,
    services_sheets,
    services_timetable,
    sheet_heading,
)
from popschool.attendance.rules import Half, Method, State, Why
from popschool.attendance.rules_holidays import Holiday
from popschool.attendance.services_doubts import Doubt
from popschool.web import filters, languages
from popschool.web.wording import say

HALVES = {Half.MORNING: _l("matin"), Half.AFTERNOON: _l("après-midi")}
HOLIDAYS = {
    Holiday.NEW_YEAR: _l("jour de l'An"),
    Holiday.EASTER_MONDAY: _l("lundi de Pâques"),
    Holiday.LABOUR_DAY: _l("fête du Travail"),
    Holiday.VICTORY_DAY: _l("victoire de 1945"),
    Holiday.ASCENSION: _l("Ascension"),
    Holiday.WHIT_MONDAY: _l("lundi de Pentecôte"),
    Holiday.NATIONAL_DAY: _l("fête nationale"),
    Holiday.ASSUMPTION: _l("Assomption"),
    Holiday.ALL_SAINTS: _l("Toussaint"),
    Holiday.ARMISTICE: _l("armistice de 1918"),
    Holiday.CHRISTMAS: _l("Noël"),
}
METHODS = {
    Method.BUTTON: _l("bouton"),
    Method.LINK: _l("lien reçu"),
    Method.CODE: _l("code de la salle"),
    Method.QR: _l("carré à viser"),
    Method.TABLET: _l("tablette"),
    Method.PIN: _l("code secret sur la tablette"),
    Method.HELP: _l("avec de l'aide"),
    Method.PAPER: _l("sur papier"),
}
STATES = {
    State.NOT_ENTERED: _l("pas encore saisi"),
    State.PRESENT: _l("présent ou présente"),
    State.PARTIAL: _l("retard ou départ avant la fin"),
    State.JUSTIFIED: _l("absence justifiée"),
    State.UNJUSTIFIED: _l("absence injustifiée"),
    State.COMPANY: _l("en entreprise"),
    State.DISPENSED: _l("dispense"),
}
WHY = {
    Why.NOTHING_SAID: _l("n'a pas signé"),
    Why.SIGNATURE_MISSING: _l("a une arrivée notée, mais n'a pas signé"),
    Why.SIGNED_BUT_ABSENT: _l("a signé, et une absence est notée"),
    Why.COUNTERSIGNATURE_MISSING: _l("attend la contresignature"),
}
DOUBTS = {
    Doubt.HOLIDAY: _l("Une séance un jour férié"),
    Doubt.SUNDAY: _l("Une séance un dimanche"),
    Doubt.ROOM_FULL: _l("Plus de signatures que de places dans la salle"),
    Doubt.OPENED_ALONE: _l("Personne n'a ouvert la séance : elle s'est ouverte à son heure"),
    Doubt.ONE_DEVICE: _l("Des signatures d'un même appareil, en quelques secondes. C'est peut-être un téléphone prêté"),
    Doubt.IN_A_ROW: _l("Plusieurs séances signées à la suite, en quelques secondes"),
}


def closed_name(label: str | Holiday) -> str:
    """Return why a day is closed: a holiday's name, or what the school wrote."""
    return str(HOLIDAYS.get(label, label))


# What a verification finds broken, as anybody may read it.
BREAKS = {
    "a line is missing": _l("une ligne manque"),
    "it does not follow the line before": _l("une ligne ne suit plus celle d'avant"),
    "the line was changed": _l("une ligne a changé"),
    "its content is gone, and no rule removed it": _l("un contenu a disparu, et aucune règle ne l'a retiré"),
    "its content was changed": _l("un contenu a changé"),
    "the ledger is not the one that this sheet closed": _l("le registre n'est plus celui que cette feuille a fermé"),
    "its paper was changed": _l("le fichier PDF gardé a changé"),
    "its paper is missing": _l("le fichier PDF gardé a disparu"),
}


def half_day_name(on: date, half: str) -> str:
    """Return "lundi 8 mars, matin"."""
    return f"{languages.day(on)}{filters.comma(languages.code())} {HALVES[Half(half)]}"


_WORK, _REVIEW = _l("un travail commencé ou envoyé"), _l("une relecture entre pairs")
HELD = {
    "accommodation": _l("un aménagement"),
    "award": _l("une compétence validée"),
    "badge": _l("un badge"),
    "company_period": _l("une période en entreprise"),
    "company_week": _l("une semaine en entreprise"),
    "document": _l("un papier déjà fait"),
    "draft": _WORK,
    "enrolment_funding": _l("un financement"),
    "exam_result": _l("un résultat d'examen"),
    "excuse": _l("une absence expliquée"),
    "presence_dispute": _l("une demi-journée contestée"),
    "posting": _l("une place dans l'équipe"),
    "quiz_attempt": _l("un questionnaire"),
    "review_conflict": _REVIEW,
    "review_flag": _REVIEW,
    "review_leniency": _REVIEW,
    "review_reaction": _REVIEW,
    "reviewer": _REVIEW,
    "role_grant": _l("un rôle"),
    "submission_owner": _WORK,
    "team_member": _l("une équipe"),
    "version_choice": _WORK,
}


def held_by(tables: Iterable[str]) -> list[str]:
    """Return what a record holds that cannot pass to another, each thing once, as people say it."""
    return sorted({str(HELD.get(one, _("d'autres traces à son nom"))) for one in tables})


say(
    rules.TooEarly,
    lambda fact: _("La séance n'est pas encore ouverte. Vous pourrez signer à partir de %(hour)s.",
                   hour=languages.hour(fact.opens_at)),
)  # fmt: skip
say(
    rules.SigningClosed,
    lambda fact: _("Le temps pour signer %(half_day)s est fini. Il fallait signer avant %(moment)s. "
                   "Demandez à votre équipe de corriger la feuille.",
                   half_day=half_day_name(fact.on, fact.half), moment=languages.moment(fact.closed_at)),
)  # fmt: skip
say(
    rules.AlreadySigned,
    lambda fact: _("C'est déjà signé, à %(hour)s. Vous n'avez rien à faire.", hour=languages.hour(fact.at)),
)
say(
    rules.NotExpected,
    lambda fact: _("Cette personne n'est pas sur la liste de %(half_day)s. Ajoutez-la d'abord à la séance.",
                   half_day=half_day_name(fact.on, fact.half)),
)  # fmt: skip
say(
    rules.InCompany,
    lambda fact: _("Ce jour-là, %(day)s, est un jour en entreprise. C'est le relevé de l'entreprise qui est signé.",
                   day=languages.day(fact.on)),
)  # fmt: skip
say(
    rules.HalfDayCancelled,
    lambda fact: _("Cette séance n'a pas lieu : %(reason)s. Il n'y a rien à signer.", reason=fact.reason.rstrip(" .")),
)
say(
    rules.DoneByWork,
    lambda fact: _("Cette séance se suit à distance, à votre rythme. Envoyez le travail demandé : il compte pour "
                   "votre présence. Il n'y a rien à signer."),
)  # fmt: skip
say(
    rules.HalfDayOpened,
    lambda fact: _("La séance de %(half_day)s est déjà ouverte. Son heure et sa liste ne changent plus. "
                   "Corrigez plutôt la présence de chaque personne.", half_day=half_day_name(fact.on, fact.half)),
)  # fmt: skip
say(
    rules.HalfDaysOverlap,
    lambda fact: _("%(who)s a déjà une séance à ces heures, %(half_day)s. Choisissez une autre demi-journée.",
                   who=fact.who, half_day=half_day_name(fact.on, fact.half)),
)  # fmt: skip
say(rules.HoursInverted, lambda fact: _("La fin est avant le début. Vérifiez les deux heures, et la pause."))
say(
    rules.MinutesTooMany,
    lambda fact: _("La séance dure %(duration)s. Écrivez moins de minutes, ou notez une absence.",
                   duration=languages.duration(fact.planned)),
)  # fmt: skip
say(
    rules.NotOverYet,
    lambda fact: _("La séance n'est pas finie. Vous pourrez contresigner à %(hour)s.",
                   hour=languages.hour(fact.ends_at)),
)  # fmt: skip
say(
    rules.StatesMissing,
    lambda fact: _("Il manque une signature ou une absence pour : %(names)s. Notez chaque personne, puis contresignez.",
                   names=", ".join(fact.names)),
)  # fmt: skip
say(
    rules.WeekNotReady,
    lambda fact: _("La semaine ne peut pas encore être fermée. Regardez ce qui manque, plus bas."),
)
say(
    rules.WeekClosed,
    lambda fact: _("La semaine du %(day)s est fermée. La direction de l'école peut faire un avenant.",
                   day=languages.day(fact.monday)),
)  # fmt: skip
say(
    rules.NotTheirHalfDay,
    lambda fact: _("Une autre personne mène cette séance. C'est à elle de contresigner, ou faites-vous remplacer."),
)
say(rules.StillOpen, lambda fact: _("Vous pouvez encore signer cette séance. Signez-la : personne ne doit confirmer."))
say(rules.ReasonMissing, lambda fact: _("Écrivez la raison : elle reste avec la correction."))
say(
    services_marks.NeedsSecondPerson,
    lambda fact: _("Le délai est passé. Une personne qui ne mène pas cette séance doit faire la correction. "
                   "Demandez à la direction de l'école."),
)  # fmt: skip
say(rules_codes.CodeWrong, lambda fact: _("Ce code ne marche pas. Vérifiez les 6 chiffres affichés dans la salle."))
say(
    rules_codes.CodeTooOld,
    lambda fact: _("Ce code est trop vieux. Il change toutes les 30 secondes : écrivez celui qui est affiché."),
)
say(
    rules_calendar.PatternTwice,
    lambda fact: _("Cette demi-journée de la semaine est écrite deux fois. Gardez-en une."),
)
say(rules_calendar.PeriodTooLong, lambda fact: _("La période est trop longue. Choisissez trois ans au plus."))
say(services_sheets.SamePerson, lambda fact: _("Une autre personne que vous doit valider cet avenant."))
say(services_sheets.NothingToAmend, lambda fact: _("Rien n'a changé depuis la fermeture. Il n'y a rien à ajouter."))
say(
    services_timetable.RoomTaken,
    lambda fact: _("%(room)s est prise par %(cohort)s à ces heures. Choisissez une autre salle.",
                   room=fact.room, cohort=fact.cohort),
)  # fmt: skip
say(
    services_planning.NameTaken,
    lambda fact: _("Votre école a déjà une salle « %(name)s ». Donnez un autre nom.", name=fact.name),
)
say(
    services_timetable.OutsideTheCohort,
    lambda fact: _("La promo va du %(first)s au %(last)s. Choisissez un jour entre les deux.",
                   first=languages.day(fact.starts_on), last=languages.day(fact.ends_on)),
)  # fmt: skip
say(sheet_heading.LogoUnreadable, lambda fact: _("Ce logo ne s'ouvre pas. Choisissez une image PNG, JPEG ou SVG."))
say(papers_brought.NobodyOnPaper, lambda fact: _("Cochez au moins une personne qui a signé la feuille de papier."))
say(
    papers_brought.ScanMissing,
    lambda fact: _("Ajoutez la photo ou le scan de la feuille : une image ou un PDF."),
)
say(pins.PinWrong, lambda fact: _("Ce code secret ne va pas. Écrivez-le de nouveau."))
say(
    pins.PinBlocked,
    lambda fact: _("Il y a eu trop d'essais. Signez d'une autre façon, puis choisissez un nouveau code secret."),
)
say(
    services_planning.PeriodBegun,
    lambda fact: _("Cette période a commencé. Elle reste, car des séances ou un relevé en dépendent."),
)
say(services_absences.PaperRefused, lambda fact: _("Ajoutez une image ou un PDF : la photo du papier suffit."))
say(services_absences.AbsenceTooLong, lambda fact: _("C'est trop long. Écrivez une absence d'un an au plus."))
say(services_absences.AnswerMissing, lambda fact: _("Écrivez un mot à la personne : elle doit savoir pourquoi."))
say(
    services_absences.AlreadyDecided,
    lambda fact: _("Quelqu'un a déjà répondu, le %(moment)s.", moment=languages.moment(fact.at)),
)
say(
    services_codes.CodeTaken,
    lambda fact: _("Votre école a déjà un motif sous le code %(code)s. Écrivez un autre code.", code=fact.code),
)
say(
    services_codes.NeverJustifies,
    lambda fact: _("« %(words)s » ne justifie pas une absence dans votre école. Répondez « Non », ou changez d'abord "
                   "les motifs d'absence.", words=fact.words),
)  # fmt: skip
say(services_merging.SameRecord, lambda fact: _("C'est la même fiche. Choisissez l'autre."))
say(
    services_merging.AlreadyMerged,
    lambda fact: _(
        "La fiche %(whose)s est déjà réunie à une autre. Choisissez celle qui reste.",
        whose=languages.of_person(fact.name),
    ),
)
say(
    services_merging.RecordInUse,
    lambda fact: _("La fiche %(whose)s ne peut pas être réunie, car elle a aussi : %(things)s. Essayez dans l'autre "
                   "sens : réunissez l'autre fiche à celle-ci.",
                   whose=languages.of_person(fact.name), things=", ".join(held_by(fact.tables))),
)  # fmt: skip
say(
    services_merging.OtherWayRound,
    lambda fact: _("La fiche %(whose)s n'a pas de place dans une promo. C'est elle qu'il faut réunir à l'autre : "
                   "ouvrez sa présence, puis dites qui c'est.", whose=languages.of_person(fact.name)),
)  # fmt: skip
say(services_company.WeekToCome, lambda fact: _("Cette semaine n'a pas commencé. Vous pourrez la signer plus tard."))
say(
    services_company.DayTooLong,
    lambda fact: _("%(day)s : c'est plus de 10 heures. Vérifiez.", day=filters.first_capital(languages.day(fact.on))),
)
say(
    services_company.AlreadySignedByTutor,
    lambda fact: _("C'est déjà signé, le %(moment)s.", moment=languages.moment(fact.at)),
)
