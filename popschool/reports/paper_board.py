"""The paper of a board: its figures, what is missing, and its lines, as they stood on a day. Always in French."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from popschool.completion import labels as completion_labels
from popschool.completion import paper_parts as parts
from popschool.completion import rules_papers
from popschool.completion import services_papers as papers
from popschool.completion.models_papers import Document
from popschool.completion.paper_parts import Block, typeset
from popschool.completion.rules import Exit
from popschool.completion.rules_hours import attendance_rate
from popschool.completion.rules_papers import PaperKind
from popschool.completion.services_figures import NETWORK_CODE, WHOLE_NETWORK
from popschool.db import db
from popschool.reports import labels
from popschool.reports.rules_board import WHO_ACTS, EmptyBoard, Figure, Gap, HoursDisagree, Selection, Sums
from popschool.reports.services_board import Board
from popschool.schools.models import Cohort, Network, Person, School

SHOWN = 50
FEW = (Figure.PRESENCE, Figure.ABSENCES, Figure.WORKS, Figure.COMPETENCES, Figure.DROPPED)


@dataclass(frozen=True)
class Level:
    """What a board is of: a cohort, a school, or the whole network when it is neither."""

    school: School | None = None
    cohort: Cohort | None = None

    @property
    def kind(self) -> PaperKind:
        return PaperKind.BOARD if self.school else PaperKind.NETWORK_BOARD

    @property
    def name(self) -> str:
        if self.cohort is not None:
            return f"Promo {self.cohort.code}"
        return self.school.name if self.school else WHOLE_NETWORK

    @property
    def heads(self) -> tuple[str, str]:
        """Return what a line is, and what several are."""
        if self.cohort is not None:
            return "Personne", "Par personne"
        return ("Promo", "Par promo") if self.school else ("École", "Par école")


def content_of(board: Board, level: Level, network: Network, programme: str, today: date) -> dict[str, Any]:
    """Return what the paper of a board says, as it is kept; `people` are those whom it names."""
    with force_locale("fr"):
        blocks = list(_blocks(board, level, programme))
    chosen, name = board.selection, rules_papers.NAMES[level.kind]
    days = parts.between(chosen.first, chosen.last)
    return typeset(
        {
            "kind": name,
            "heading": name.upper(),
            "network": network.legal_name or network.name,
            "school": level.school.name if level.school else WHOLE_NETWORK,
            "dated": f"établi le {today:%d/%m/%Y}",
            "blocks": blocks,
            "check": [["Suivi", level.name], ["Jours", days], ["Lignes", str(len(board.lines))]],
            "figures": {"lines": len(board.lines), "due": board.total.hours.due},
            "people": [line.of.person_id for line in board.lines] if level.cohort is not None else [],
            "chosen": {"region": chosen.region, "funder": chosen.funder, "programme": chosen.programme_id},
        }
    )


def _blocks(board: Board, level: Level, programme: str) -> Sequence[Block]:
    chosen, total = board.selection, board.total
    narrowed = [("Région", chosen.region), ("Financeur", chosen.funder), ("Formation", programme)]
    found = [
        parts.p(f"{level.name}, {parts.between(chosen.first, chosen.last)}.", "strong"),
        parts.facts(narrowed),
        parts.p("Les heures sont celles du registre, jusqu'à la veille au soir. Une case vide est inconnue.", "small"),
        parts.table("Les chiffres", ["Ce que l'on mesure", "Chiffre"], _figures(total), 1),
    ]
    waiting = [gap for gap in Gap if total.gaps[gap]]
    if waiting:
        rows = [(_name(gap), str(labels.WHO[WHO_ACTS[gap]]), _whole(total.gaps[gap])) for gap in waiting]
        heads = ["Ce qui manque", "Qui agit", "Nombre"]
        found.append(parts.table("Ce qui manque, et qui agit", heads, rows, 1, widths=[3, 2]))
    found.append(_lines(board, level))
    if board.competences:
        rows = [(title, f"{reached} sur {people}") for title, reached, people in board.competences]
        found.append(parts.table("Par compétence, au niveau demandé", ["Compétence", "Personnes"], rows, 1))
    if board.months:
        found.append(_months(board))
    said = [f"{_name(figure)} : {labels.DEFINITIONS[figure].formula}." for figure in FEW]
    return [*found, parts.h("Comment ces chiffres sont faits"), parts.bullets(said)]


def _name(figure: Figure | Gap) -> str:
    return str(labels.DEFINITIONS[figure].name)


def _whole(count: int) -> str:
    return parts.number(count, 0)


def _figures(total: Sums) -> list[tuple[str, str]]:
    """The figures of a board; one that nothing is known of stays empty."""
    of_works = f" ({_whole(total.validated)} sur {_whole(total.works_asked)})" if total.works_asked else ""
    of_levels = f" ({_whole(total.reached)} sur {_whole(total.competences_asked)})" if total.competences_asked else ""
    said = {
        Figure.PEOPLE: _whole(total.entered),
        Figure.PRESENCE: parts.percent(total.presence),
        Figure.HOURS: f"{parts.hours(total.hours.realised)} h sur {parts.hours(total.hours.due)} h",
        Figure.ABSENCES: parts.percent(total.absences),
        Figure.WORKS: parts.percent(total.works) + of_works,
        Figure.COMPETENCES: parts.percent(total.competences) + of_levels,
        Figure.COMPLETED: _whole(total.exits[Exit.COMPLETED]),
        Figure.DROPPED: _whole(total.exits[Exit.DROPPED]),
        Figure.POSITIVE: _whole(total.exits[Exit.POSITIVE]),
    }
    return [(_name(figure), text) for figure, text in said.items()]


def _lines(board: Board, level: Level) -> Block:
    one, several = level.heads
    middle = "Sortie" if level.cohort is not None else "Entrées"
    rows = []
    for line in board.lines:
        sums = line.sums
        ends = [str(completion_labels.EXITS[exit]) for exit in sums.exits if exit is not Exit.RUNNING]
        rows.append(
            (
                line.name,
                ", ".join(ends) if level.cohort is not None else _whole(sums.entered),
                parts.percent(sums.presence),
                f"{sums.validated} / {sums.works_asked}" if sums.works_asked else "",
                f"{sums.reached} / {sums.competences_asked}" if sums.competences_asked else "",
                _whole(sums.missing) if sums.missing else "",
            )
        )
    heads = [one, middle, "Présence", "Rendus", "Niveaux", "À régler"]
    figures = 4 if level.cohort is not None else 5
    return parts.table(several, heads, rows, figures, widths=[3, 2][: 6 - figures])


def _months(board: Board) -> Block:
    rows = [
        (
            f"{first:%m/%Y}", parts.hours(one.due), parts.hours(one.realised), parts.hours(one.justified),
            parts.hours(one.unjustified), parts.percent(attendance_rate(one)),
        )
        for first, one in board.months
    ]  # fmt: skip
    heads = ["Mois", "Prévues", "Suivies", "Absences justifiées", "Non justifiées", "Présence"]
    return parts.table("Mois par mois, en heures", heads, rows, 5)


def issue(board: Board, level: Level, programme: str, by: Person, now: datetime, today: date) -> Document:
    """Keep a board as it stands today, and have its paper made. The network's goes to the chain of its first school.

    Raises EmptyBoard when nobody has a day in it, and HoursDisagree.
    """
    if not board.lines:
        raise EmptyBoard
    if board.disagreeing:
        raise HoursDisagree(board.disagreeing)
    network = db.session.scalars(select(Network)).one()
    content = content_of(board, level, network, programme, today)
    school_id = level.school.id if level.school else db.session.scalars(select(func.min(School.id))).one()
    place = {"school_id": school_id, "cohort_id": level.cohort.id if level.cohort else None, "enrolment_id": None,
             "share_id": None, "person_id": None}  # fmt: skip
    code, chosen = level.school.code if level.school else NETWORK_CODE, board.selection
    return papers.keep(level.kind, place, (chosen.first, chosen.last), content, [], code, by, now)


def made_of(level: Level) -> Sequence[Document]:
    """Return the last papers of a board, the last first. One query."""
    asked = select(Document).where(Document.kind == str(level.kind))
    if level.school is not None:
        asked = asked.where(Document.school_id == level.school.id)
        asked = asked.where(Document.cohort_id == (level.cohort.id if level.cohort is not None else None))
    found = db.session.scalars(
        asked.order_by(Document.id.desc())
        .limit(SHOWN)
        .options(joinedload(Document.issued_by), joinedload(Document.paper))
    )
    return found.all()


def selection_kept(selection: Selection) -> dict[str, str]:
    """Return the days and the choices of a board as an address holds them."""
    chosen = {"region": selection.region, "funder": selection.funder, "programme": selection.programme_id}
    return {"first": selection.first.isoformat(), "last": selection.last.isoformat()} | {
        name: str(value) for name, value in chosen.items() if value
    }
