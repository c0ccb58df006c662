"""The words of figures: what each is called, what it counts, how, from which rows, and who acts."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from popschool.reports.rules_board import Acts, Figure, Gap


@dataclass(frozen=True)
class Definition:
    """What a figure is, in plain words: its name, what it counts, its formula, and where its rows come from."""

    name: Any
    counts: Any
    formula: Any
    source: Any


REGISTER = _l("le registre des signatures, jour par jour")
DEFINITIONS: dict[Figure | Gap, Definition] = {
    Figure.PEOPLE: Definition(
        _l("Personnes entrées"),
        _l("Les places qui ont au moins un jour dans la période. Une personne jamais venue ne compte pas. Une "
           "personne passée dans une autre promo compte dans la nouvelle."),
        _l("le nombre de places"),
        _l("les inscriptions"),
    ),
    Figure.PRESENCE: Definition(
        _l("Présence"),
        _l("La part des heures prévues que les personnes ont suivies, sur place ou à distance. On compte les séances "
           "passées, jusqu'à hier soir. Une absence justifiée reste une absence."),
        _l("(heures sur place + heures à distance) ÷ heures prévues et passées × 100"),
        REGISTER,
    ),
    Figure.HOURS: Definition(
        _l("Heures suivies"),
        _l("Les minutes signées, sur place ou à distance, jusqu'à hier soir. Les heures en entreprise n'y sont pas."),
        _l("heures sur place + heures à distance"),
        REGISTER,
    ),
    Figure.ABSENCES: Definition(
        _l("Absences non justifiées"),
        _l("La part des heures prévues qui manque, sans motif accepté. Les retards et les départs avant l'heure "
           "y sont, à la minute."),
        _l("heures d'absence non justifiée ÷ heures prévues et passées × 100"),
        REGISTER,
    ),
    Figure.WORKS: Definition(
        _l("Rendus validés"),
        _l("Les livrables validés par l'équipe, sur tous ceux que la promo doit rendre. Un livrable compte une fois, "
           "quel que soit le nombre de versions."),
        _l("livrables validés ÷ livrables demandés × 100"),
        _l("les retours de l'équipe, à ce jour"),
    ),
    Figure.COMPETENCES: Definition(
        _l("Compétences au niveau demandé"),
        _l("Pour chaque personne, les compétences de son titre qui ont le niveau que l'école demande. Le meilleur "
           "travail décide du niveau."),
        _l("compétences au niveau ÷ compétences du titre × 100"),
        _l("les validations de l'équipe, à ce jour"),
    ),
    Figure.COMPLETED: Definition(
        _l("Parcours terminés"),
        _l("Les places qui vont jusqu'à leur dernier jour."),
        _l("le nombre de places finies"),
        _l("les inscriptions et les sorties"),
    ),
    Figure.DROPPED: Definition(
        _l("Abandons"),
        _l("Les départs avant la fin. Un départ pour un emploi ou une autre formation n'est pas un abandon : il est "
           "compté à part."),
        _l("abandons ÷ personnes entrées × 100"),
        _l("les sorties, avec leur motif"),
    ),
    Figure.POSITIVE: Definition(
        _l("Parties vers un emploi ou une formation"),
        _l("Les départs avant la fin pour un emploi, ou pour une autre formation."),
        _l("le nombre de ces départs"),
        _l("les sorties, avec leur motif"),
    ),
    Gap.UNSAID: Definition(
        _l("Personnes à compléter"),
        _l("Celles qui ont des heures passées dont on ne dit rien : ni présence, ni absence. Aucun certificat ne part "
           "avant."),
        _l("le nombre de places"),
        REGISTER,
    ),
    Gap.UNSIGNED: Definition(
        _l("Séances à contresigner"),
        _l("Les séances passées que l'équipe n'a pas signées. Sans cela, leurs heures ne valent rien pour qui paie."),
        _l("le nombre de séances"),
        REGISTER,
    ),
    Gap.WEEKS: Definition(
        _l("Semaines à fermer"),
        _l("Les semaines finies qui n'ont pas encore de feuille fermée."),
        _l("le nombre de semaines, promo par promo"),
        _l("le calendrier et les feuilles"),
    ),
    Gap.DISPUTES: Definition(
        _l("Désaccords sans réponse"),
        _l("Les séances qu'une personne voit autrement que le registre."),
        _l("le nombre de demandes"),
        _l("les demandes des personnes"),
    ),
    Gap.EXCUSES: Definition(
        _l("Absences à décider"),
        _l("Les absences expliquées, que l'école n'a ni acceptées ni refusées."),
        _l("le nombre de demandes"),
        _l("les demandes des personnes"),
    ),
    Gap.COMPANY: Definition(
        _l("Semaines en entreprise à signer"),
        _l("Les semaines écrites par la personne, que le tuteur n'a pas signées."),
        _l("le nombre de semaines"),
        _l("les semaines en entreprise"),
    ),
    Gap.UNPAID: Definition(
        _l("Places que personne ne paie"),
        _l("Les places sans convention à leurs dates, d'après nos fiches."),
        _l("le nombre de places"),
        _l("les conventions"),
    ),
    Gap.PAPERS: Definition(
        _l("Certificats à faire"),
        _l("Les parcours finis et payés qui n'ont pas de certificat jusqu'à leur dernier jour."),
        _l("le nombre de parcours payés"),
        _l("les conventions et les papiers faits"),
    ),
    Gap.QUESTIONNAIRES: Definition(
        _l("Nouvelles attendues"),
        _l("Les personnes sorties qui n'ont pas encore dit ce qu'elles font."),
        _l("le nombre de questions posées sans réponse"),
        _l("les questions posées à la sortie, à 3 mois, à 6 mois"),
    ),
    Gap.POSITIONING: Definition(
        _l("Positionnements à faire"),
        _l("Les personnes en formation dont le niveau à l'entrée n'est pas noté. On compte depuis que le registre "
           "existe."),
        _l("le nombre de places"),
        _l("le registre des positionnements"),
    ),
    Gap.HOUSE_RULES: Definition(
        _l("Règlement à signer"),
        _l("Les personnes en formation qui n'ont pas signé la dernière version du règlement intérieur."),
        _l("le nombre de places"),
        _l("le registre du règlement intérieur"),
    ),
}  # fmt: skip
WHO = {
    Acts.TEAM: _l("l'équipe de formation"),
    Acts.MANAGERS: _l("la direction"),
    Acts.TUTORS: _l("le tuteur, rappelé par la direction"),
    Acts.LEARNERS: _l("la personne, rappelée par l'équipe"),
}
MOMENTS = {
    "exit": _l("à la sortie"),
    "three_months": _l("à 3 mois"),
    "six_months": _l("à 6 mois"),
}
PAGES = {
    "board": _l("les chiffres et les personnes"),
    "documents": _l("la liste des papiers"),
    "person": _l("les heures d'une personne :"),
    "document": _l("un papier :"),
    "paper": _l("le fichier d'un papier :"),
    "file": _l("le dossier complet d'une personne :"),
}


def waiting(gap: Gap, count: int) -> str:
    """Return what waits, with its number."""
    return {
        Gap.UNSAID: lambda: ngettext("%(num)d personne à compléter", "%(num)d personnes à compléter", count),
        Gap.UNSIGNED: lambda: ngettext("%(num)d séance à contresigner", "%(num)d séances à contresigner", count),
        Gap.WEEKS: lambda: ngettext("%(num)d semaine à fermer", "%(num)d semaines à fermer", count),
        Gap.DISPUTES: lambda: ngettext("%(num)d désaccord sans réponse", "%(num)d désaccords sans réponse", count),
        Gap.EXCUSES: lambda: ngettext("%(num)d absence à décider", "%(num)d absences à décider", count),
        Gap.COMPANY: lambda: ngettext(
            "%(num)d semaine en entreprise à signer", "%(num)d semaines en entreprise à signer", count
        ),
        Gap.UNPAID: lambda: ngettext(
            "%(num)d place que personne ne paie", "%(num)d places que personne ne paie", count
        ),
        Gap.PAPERS: lambda: ngettext("%(num)d certificat à faire", "%(num)d certificats à faire", count),
        Gap.QUESTIONNAIRES: lambda: ngettext("%(num)d nouvelle attendue", "%(num)d nouvelles attendues", count),
        Gap.POSITIONING: lambda: ngettext("%(num)d positionnement à faire", "%(num)d positionnements à faire", count),
        Gap.HOUSE_RULES: lambda: ngettext(
            "%(num)d règlement à faire signer", "%(num)d règlements à faire signer", count
        ),
    }[gap]()
