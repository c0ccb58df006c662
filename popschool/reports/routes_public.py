"""Public figures: for anybody, as a page, as JSON and as a table, under an open licence."""

from typing import Any

from flask import Response as Answer
from flask import json, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.reports import rules_public, services_public
from popschool.reports.routes_base import bp
from popschool.reports.rules_public import Family, Measure
from popschool.reports.services_public import Line
from popschool.rules_tables import Column
from popschool.schools.network import shown_network
from popschool.spreadsheets import Table
from popschool.web import addresses, filters, languages
from popschool.web.tables import form_named, sent

LICENCE = "Licence Ouverte 2.0"
LICENCE_PAGE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
FAMILIES = {
    Family.COMPLETION: _l("Aller au bout"),
    Family.TITLE: _l("Avoir le titre"),
    Family.SATISFACTION: _l("Être content ou contente"),
    Family.SIX_MONTHS: _l("Six mois après"),
}
OVER = {
    Family.COMPLETION: _l("Sur toutes les personnes entrées en formation."),
    Family.TITLE: _l("Sur les personnes venues à l'examen."),
    Family.SATISFACTION: _l("Sur les personnes qui ont répondu à la fin."),
    Family.SIX_MONTHS: _l("Sur les personnes qui ont répondu six mois après."),
}
MEASURES = {
    Measure.COMPLETED: _l("vont au bout"),
    Measure.DROPPED: _l("abandonnent"),
    Measure.POSITIVE_EXIT: _l("partent avant pour un emploi ou une formation"),
    Measure.TITLE: _l("ont le titre entier"),
    Measure.PARTIAL_TITLE: _l("ont une partie du titre"),
    Measure.SATISFIED: _l("sont contentes"),
    Measure.POSITIVE: _l("travaillent ou se forment"),
    Measure.LASTING: _l("ont un emploi durable"),
}
HEADS = (
    "annee", "famille", "mesure", "ecole", "ecole_nom", "formation", "formation_titre", "personnes", "taux",
    "taux_de_reponse", "masque",
)  # fmt: skip


def _asked() -> tuple[list[int], int | None, list[Line]]:
    """Return the years that there are, the one that is asked for, and its lines."""
    today = clock.today()
    possible = services_public.years(today)
    wanted = request.args.get("year", "")
    year = next((one for one in possible if str(one) == wanted), possible[0] if possible else None)
    return possible, year, services_public.figures(year, today) if year is not None else []


def _shared(response: Response) -> Response:
    """Let anybody keep an answer for an hour, and read it from a page of theirs."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/figures")
@guards.public
def public_figures() -> str:
    """How trainings end, for anybody."""
    possible, year, lines = _asked()
    return render_template(
        "reports/public.html",
        years=possible,
        year=year,
        tables=services_public.tables(lines),
        families=FAMILIES,
        over=OVER,
        measures=MEASURES,
        measures_of=rules_public.MEASURES,
        fewest=rules_public.FEWEST,
        licence=LICENCE,
        table_at=lambda kind: url_for(".public_figures_table", year=year, kind=kind),
        licence_page=LICENCE_PAGE,
    )


@bp.get("/figures.json")
@guards.public
def public_figures_json() -> Response:
    possible, year, lines = _asked()
    said = {
        "licence": LICENCE,
        "licence_url": LICENCE_PAGE,
        "source": shown_network().name,
        "page": addresses.whole("reports.public_figures"),
        "years": possible,
        "year": year,
        "fewest_people": rules_public.FEWEST,
        "figures": [_told(line) for line in lines],
    }
    return _shared(Answer(json.dumps(said, ensure_ascii=False), mimetype="application/json"))


def _told(line: Line) -> dict[str, Any]:
    """Return a line for a program; of a hidden one, that it is."""
    return {
        "family": str(line.family),
        "school": line.school.code if line.school else None,
        "school_name": line.school.name if line.school else None,
        "programme": line.programme.programme.key if line.programme else None,
        "programme_title": line.programme.title if line.programme else None,
        "is_hidden": line.count is None,
        "people": line.count.people if line.count else None,
        "response_percent": _number(line.response_rate),
        "percent": {str(measure): _number(rate) for measure, rate in line.rates.items()},
    }


def _number(rate: Any) -> float | None:
    return None if rate is None else float(rate)


@bp.get("/figures.<any(csv, xlsx, ods):kind>")
@guards.public
@guards.names_nobody
def public_figures_table(kind: str) -> Response:
    """The same for a spreadsheet."""
    _possible, year, lines = _asked()
    rows = [row for line in lines for row in _rows(year, line)]
    name = f"popschool-{year or 'chiffres'}"
    response = sent(Table(name, [Column(head, head) for head in HEADS], rows), form_named(kind), name)
    response.direct_passthrough = False  # its mark is made of what it holds
    response.headers["Link"] = f'<{LICENCE_PAGE}>; rel="license"'
    return _shared(response)


def _rows(year: int | None, line: Line) -> list[tuple]:
    told = _told(line)
    names = ("school", "school_name", "programme", "programme_title", "people")
    return [
        (
            year, told["family"], measure, *("" if told[name] is None else told[name] for name in names),
            "" if rate is None else rate, "" if told["response_percent"] is None else told["response_percent"],
            "oui" if told["is_hidden"] else "non",
        )
        for measure, rate in told["percent"].items()
    ]  # fmt: skip


def title_of(line: Line) -> str:
    """Return what a line is about."""
    school = line.school.name if line.school else ""
    programme = line.programme.title if line.programme else ""
    return " : ".join(part for part in (school, programme) if part) or _("Tout le réseau")


def measure_head(measure: Measure, words: dict[Measure, Any]) -> tuple[str, None, str]:
    """Return the head of a column of rates."""
    return filters.first_capital(str(words[measure])), None, "num"


def rate(value: Any) -> str:
    """Return "87,5 %", or a dash for nothing."""
    return "–" if value is None else _("%(number)s %%", number=languages.number(value))


bp.add_app_template_filter(title_of, "figures_title")
bp.add_app_template_filter(measure_head)
bp.add_app_template_filter(rate)
