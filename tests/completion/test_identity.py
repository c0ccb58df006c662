"""Whatever became of each half-day, every paper that carries hours adds up: what was due is what is said of it."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from popschool.completion import drawing, services_funding, services_month
from popschool.completion.models import FundingSetting
from popschool.completion.rules_hours import decimal_hours
from popschool.completion.rules_papers import PaperKind
from tests.completion.paths import HERE, ISSUED, NOTHING, TODAY, attend, late, make_path, pay, work_in_company
from tests.factories import add, save

JANUARY, FEBRUARY = date(2027, 1, 4), date(2027, 2, 1)
BECAME = st.one_of(st.sampled_from([HERE, "J", "A"]), st.integers(1, 180).map(late))
WITH_HOURS = (PaperKind.CERTIFICATE, PaperKind.END, PaperKind.ATTENDANCE, PaperKind.WORKSHOP)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    january=st.lists(BECAME, min_size=1, max_size=4),
    february=st.lists(BECAME, max_size=3),
    rounding=st.sampled_from(["minute", "quarter", "half_day"]),
    is_silent=st.booleans(),
)
def test_every_paper_adds_up_for_any_history(app, january, february, rounding, is_silent):
    path = make_path()
    services_funding.save_action(path.cohort, "training", ["Réaliser une page."], "326", path.manager.id, ISSUED)
    attend(path, [HERE, *january], JANUARY)
    attend(path, [*february, NOTHING] if is_silent else february, FEBRUARY)
    work_in_company(path, date(2027, 5, 18), date(2027, 5, 29), [400, 420])
    pay(path)
    _round(path, rounding)

    found = [path.preview(kind=kind) for kind in WITH_HOURS]
    month = services_month.preview(path.cohort, JANUARY.replace(day=1), TODAY)

    for one in found:
        hours = one.facts.hours
        assert hours.due == sum(getattr(hours, name) for name in PARTS) and bool(hours.missing) is is_silent
        assert one.is_ready is not is_silent, "a paper says nothing of a half-day that nobody entered"
        assert one.content["figures"]["due"] == hours.due
    certificate, end, attendance, workshop = (one.content for one in found)
    assert_adds_up(table_of(attendance, "Assiduité"), 1, (2, 3, 4), is_silent)
    assert_adds_up(table_of(month.content, "État de présence"), 2, (3, 4, 6, 7))
    due, done, *missed = (number(row[1]) for row in table_of(certificate, "Comment la durée")[:4])
    assert is_silent or due == done + sum(missed)
    assert is_silent or len({printed(certificate), printed(end), printed(workshop), f"{done}".replace(".", ",")}) == 1
    if not is_silent:
        document = path.issue()
        first, again = (drawing.draw(document, document.content.content, "https://example.org") for _time in range(2))
        assert first == again, "a document drawn twice is the same bytes"


PARTS = ("attended", "distance", "justified", "unjustified", "missing")


def _round(path, rounding: str) -> None:
    add(
        FundingSetting(
            school_id=path.cohort.school_id, key="rounding", value=rounding, since=date(2027, 1, 1), is_confirmed=True,
            said_by_id=path.manager.id, said_at=ISSUED,
        )
    )  # fmt: skip
    save()


def table_of(content: dict, caption: str) -> list[list[str]]:
    return next(one["rows"] for one in content["blocks"] if one.get("caption", "").startswith(caption))


def assert_adds_up(rows: list[list[str]], due: int, parts: tuple[int, ...], is_silent: bool = False) -> None:
    """Each line is its parts, to the hundredth; of a line with something silent, no more than its whole."""
    for row in rows:
        found = sum(number(row[place]) for place in parts)
        assert found == number(row[due]) or (is_silent and found < number(row[due])), row


def number(text: str) -> Decimal:
    return Decimal("".join(char for char in text if char.isdigit() or char == ",").replace(",", "."))


def printed(content: dict) -> str:
    """Return the hours that a paper says were followed, as it prints them."""
    minutes = content["figures"]["minutes"]
    shown = f"{decimal_hours(minutes)}".replace(".", ",")
    assert any(shown in str(block) for block in content["blocks"]), shown
    return shown
