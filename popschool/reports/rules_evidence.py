"""The 32 indicators of Qualiopi: what the rows of the school prove of each, and what somebody must add by hand."""

from dataclasses import dataclass
from datetime import date

from popschool.errors import RuleBroken

GUIDE = "Guide de lecture du référentiel national qualité, version 9"


@dataclass(frozen=True)
class Indicator:
    """One indicator: its criterion, what it asks for, the tables that prove it here, what is added by hand."""

    number: int
    criterion: int
    asks: str
    tables: tuple[str, ...]
    by_hand: str

    @property
    def folder(self) -> str:
        return f"indicateur-{self.number:02}"


def _one(number: int, criterion: int, asks: str, tables: str = "", by_hand: str = "") -> Indicator:
    return Indicator(number, criterion, asks, tuple(tables.split()), by_hand)


INDICATORS = (
    _one(1, 1, "Informer le public sur chaque formation", "actions", "La page publique, datée : tarifs, délais, accès"),
    _one(2, 1, "Publier des chiffres de résultats", "figures answers", ""),
    _one(3, 1, "Publier les taux d'obtention des titres", "exams", "Les passerelles et les débouchés"),
    _one(4, 2, "Analyser le besoin", "places interviews", ""),
    _one(5, 2, "Fixer des objectifs que l'on peut évaluer", "actions", ""),
    _one(6, 2, "Adapter le contenu et les moyens aux objectifs", "plan", ""),
    _one(7, 2, "Couvrir ce que la certification demande", "competences", ""),
    _one(8, 2, "Évaluer le niveau à l'entrée", "positioning", "Le test lui-même"),
    _one(9, 3, "Informer les personnes des conditions", "house_rules", "Le livret d'accueil"),
    _one(10, 3, "Adapter et suivre le parcours", "interviews arrangements works", ""),
    _one(11, 3, "Évaluer l'atteinte des objectifs", "awards documents", ""),
    _one(12, 3, "Suivre les absences et les abandons", "exits absences", "Les relances faites par téléphone"),
    _one(13, 3, "Coordonner l'école et l'entreprise", "company", "Le livret de liaison, si l'alternance est concernée"),
    _one(14, 3, "Accompagner la vie en apprentissage", "", "Ce qui est fait, si l'école a des apprentis"),
    _one(15, 3, "Informer les apprentis de leurs droits", "", "Le document remis, si l'école a des apprentis"),
    _one(16, 3, "Préparer et présenter à la certification", "exams", "Les procès-verbaux des jurys"),
    _one(17, 4, "Avoir les moyens et les locaux", "rooms", "Le bail, l'inventaire du matériel"),
    _one(18, 4, "Coordonner les personnes qui interviennent", "team", "L'organigramme"),
    _one(19, 4, "Donner des ressources pédagogiques", "courses", ""),
    _one(20, 4, "Avoir des référents", "", "Les noms des référents, dont handicap et mobilité"),
    _one(21, 5, "Avoir des formateurs compétents", "team", "Les CV et les diplômes"),
    _one(22, 5, "Former ses formateurs", "", "Le plan de formation de l'équipe"),
    _one(23, 6, "Suivre la loi et ses changements", "", "La veille : sources, dates, suites"),
    _one(24, 6, "Suivre les métiers", "", "La veille : sources, dates, suites"),
    _one(25, 6, "Suivre la pédagogie", "", "La veille : sources, dates, suites"),
    _one(26, 6, "Accueillir les personnes en situation de handicap", "arrangements", "La liste des partenaires"),
    _one(27, 6, "Contrôler la sous-traitance", "", "Les contrats, si l'école sous-traite"),
    _one(28, 6, "Mobiliser les entreprises", "company", "Les conventions de stage"),
    _one(29, 6, "Insérer ou poursuivre, après un apprentissage", "answers", "Ce qui est fait pour les apprentis"),
    _one(30, 7, "Recueillir les avis", "surveys outside answers", "Les avis de l'équipe"),
    _one(31, 7, "Traiter les réclamations", "complaints disputes", ""),
    _one(32, 7, "S'améliorer", "improvements", ""),
)  # fmt: skip
BY_NUMBER = {one.number: one for one in INDICATORS}
LARGEST = 20_000_000
MEDIA = frozenset({"application/pdf", "image/png", "image/jpeg"})


@dataclass
class PieceRefused(RuleBroken):
    """A piece is a PDF or a picture: an auditor must be able to open it."""


@dataclass
class PieceOfTomorrow(RuleBroken):
    """A piece is of today or before."""

    on: date


def period_of(year: int, today: date) -> tuple[date, date]:
    """Return the days of a year of evidence, up to today."""
    return date(year, 1, 1), min(date(year, 12, 31), today)
