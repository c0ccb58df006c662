"""Catalogues of translations. `python -m popschool.web.catalogues update|compile|check`

French is the language of the source: its catalogue only holds the plurals, whose rule is not English's. English is
whole. The other languages hold what a learner does every day, made by machine: the pages say so.
"""

import errno
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from popschool.errors import CannotServe

FOLDER = Path(__file__).parent / "translations"
PACKAGE = Path(__file__).parent.parent
LANGUAGES = ("fr", "en", "ar", "uk", "fa", "tr", "pt")
WHOLE = ("fr", "en")
# What a learner does every day is in every language: each page, and the file that its words stand in.
JOURNEYS = {
    "auth.sign_in": "auth/templates/auth/sign_in.html",
    "auth.sign_in_code": "auth/templates/auth/sign_in_code.html",
    "auth.sign_in_password": "auth/templates/auth/sign_in_password.html",
    "web.comfort_page": "web/templates/web/comfort.html",
    "portal.today": "portal/templates/portal/today.html",
    "attendance.sign": "attendance/templates/attendance/sign.html",
    "attendance.sign_by_link": "attendance/templates/attendance/sign.html",
    "attendance.code": "attendance/templates/attendance/code.html",
    "projects.mine": "projects/templates/projects/mine.html",
    "projects.assignment": "projects/templates/projects/assignment.html",
    "courses.page": "courses/templates/courses/page.html",
    "projects.submit": "projects/templates/projects/submit.html",
    "projects.check": "projects/templates/projects/check.html",
    "projects.receipt": "projects/templates/projects/receipt.html",
    "projects.submission": "projects/templates/projects/submission.html",
    "grading.feedback": "grading/templates/grading/feedback.html",
    "projects.quiz": "projects/templates/projects/quiz.html",
    "projects.quiz_attempt": "projects/templates/projects/quiz_attempt.html",
    "review.mine": "review/templates/review/mine.html",
    "review.work": "review/templates/review/work.html",
    "review.criterion": "review/templates/review/criterion.html",
    "review.check": "review/templates/review/check.html",
    "review.thanks": "review/templates/review/thanks.html",
    # Around them: coming in by every way, one's account and messages, presence, what was answered, what is left.
    "auth.sign_in_number": "auth/templates/auth/number.html",
    "auth.sign_in_second": "auth/templates/auth/second.html",
    "auth.sign_in_passkey": "auth/templates/auth/sign_in_passkey.html",
    "auth.sign_in_with": "auth/templates/auth/provider_failed.html",
    "auth.came_back": "auth/templates/auth/provider_failed.html",
    "auth.forgotten": "auth/templates/auth/forgotten.html",
    "auth.card": "auth/templates/auth/card.html",
    "auth.card_password": "auth/templates/auth/card_password.html",
    "auth.join": "auth/templates/auth/join.html",
    "auth.sign_out": "auth/templates/auth/sign_out.html",
    "auth.account": "auth/templates/auth/account.html",
    "auth.password": "auth/templates/auth/password.html",
    "auth.devices": "auth/templates/auth/devices.html",
    "messages.mine": "messages/templates/messages/mine.html",
    "messages.choices": "messages/templates/messages/choices.html",
    "web.help_page": "web/templates/web/help.html",
    "web.phone": "web/templates/web/phone.html",
    "web.site_map": "web/templates/web/site_map.html",
    "attendance.mine": "attendance/templates/attendance/mine.html",
    "attendance.my_half_day": "attendance/templates/attendance/my_half_day.html",
    "attendance.sign_late": "attendance/templates/attendance/sign_late.html",
    "attendance.explain_absence": "attendance/templates/attendance/absence.html",
    "attendance.dispute": "attendance/templates/attendance/dispute.html",
    "attendance.pin": "attendance/templates/attendance/pin.html",
    "attendance.my_calendars": "attendance/templates/attendance/calendars.html",
    "attendance.my_company": "attendance/templates/attendance/company.html",
    "attendance.company_week": "attendance/templates/attendance/company_week.html",
    "courses.search": "courses/templates/courses/search.html",
    "courses.words": "courses/templates/courses/words.html",
    "courses.brief": "courses/templates/courses/brief.html",
    "projects.ask_help": "projects/templates/projects/ask_help.html",
    "projects.help_request": "projects/templates/projects/help_request.html",
    "projects.my_team": "projects/templates/projects/my_team.html",
    "projects.project_as_read": "projects/templates/projects/as_read.html",
    "review.received": "review/templates/review/received.html",
    "review.answer_review": "review/templates/review/react.html",
    "review.appeal": "review/templates/review/appeal.html",
    "review.report": "review/templates/review/report.html",
    "review.conflict": "review/templates/review/conflict.html",
    "review.keep_apart": "review/templates/review/keep_apart.html",
    "review.slots": "review/templates/review/slots.html",
    "review.coaching": "review/templates/review/coaching.html",
    "review.code": "review/templates/review/code.html",
    "review.piece": "review/templates/review/piece.html",
    "review.piece_criterion": "review/templates/review/criterion.html",
    "review.check_piece": "review/templates/review/check.html",
    "grading.competences": "grading/templates/grading/competences.html",
    "completion.my_way": "completion/templates/completion/my_way.html",
    "completion.mine": "completion/templates/completion/mine.html",
    "portal.own_data": "portal/templates/portal/own_data.html",
    # What is rarer: one's rights, opinions and complaints, badges, what comes after; and what a tutor signs and says.
    "portal.correction": "portal/templates/portal/correction.html",
    "portal.erasure": "portal/templates/portal/erasure.html",
    "portal.barrier": "portal/templates/portal/barrier.html",
    "auth.decisions": "auth/templates/auth/decisions.html",
    "schools.person": "schools/templates/schools/person.html",
    "registers.mine": "registers/templates/registers/mine.html",
    "registers.sign_rules": "registers/templates/registers/sign_rules.html",
    "registers.give_opinion": "registers/templates/registers/opinion.html",
    "registers.complain": "registers/templates/registers/complain.html",
    "registers.my_complaint": "registers/templates/registers/followed.html",
    "registers.followed": "registers/templates/registers/followed.html",
    "completion.badges": "completion/templates/completion/badges.html",
    "completion.of_work": "completion/templates/completion/of_work.html",
    "completion.own_situation": "completion/templates/completion/own_answer.html",
    "completion.own_question": "completion/templates/completion/own_question.html",
    "completion.own_check": "completion/templates/completion/own_check.html",
    "reports.own_answers": "reports/templates/reports/eu_start.html",
    "reports.own_answer": "reports/templates/reports/eu_question.html",
    "reports.own_answers_check": "reports/templates/reports/eu_check.html",
    "attendance.tutor_sign": "attendance/templates/attendance/tutor_sign.html",
    "completion.tutor_evaluation": "completion/templates/completion/evaluation.html",
    "completion.tutor_thanks": "completion/templates/completion/evaluation_thanks.html",
}
EVERYWHERE = (
    "web/templates/base.html", "web/templates/parts/form.html", "web/templates/parts/page.html",
    "auth/templates/auth/_shared.html", "web/templates/web/error.html", "web/templates/web/expired.html",
)  # fmt: skip
PARTS = (
    "auth/templates/auth/_passkey.html", "auth/templates/auth/_ways.html", "auth/templates/auth/join_dead.html",
    "auth/templates/auth/kept.html",
    "attendance/templates/attendance/_parts.html", "attendance/templates/attendance/dead_link.html",
    "courses/templates/courses/_brief.html",
    "grading/templates/grading/_work.html", "projects/templates/projects/_brief.html",
    "projects/templates/projects/_late.html", "projects/templates/projects/_margin.html",
    "projects/templates/projects/_state.html", "review/templates/review/_parts.html",
    "schools/templates/schools/_measures.html", "registers/templates/registers/_record.html",
    "completion/templates/completion/no_questionnaire.html", "completion/templates/completion/no_evaluation.html",
    "reports/templates/reports/eu_shut.html",
)  # fmt: skip
# Labels, refusals and words of these journeys whose files hold others too, one a line; of a plural, its singular.
SPOKEN = Path(__file__).parent / "journeys.txt"
METHODS = [("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2"), ("**.py", "python")]
KEYWORDS = {
    "_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3), "N_": None,
}  # fmt: skip
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}, "**.txt": {"trimmed": "true", "silent": "false"}}
HEADER = "# Texts of Popschool. `python -m popschool.web.catalogues update` keeps this file in step with the source."
PASSING = re.compile(
    r'"(Project-Id|POT-Creation|PO-Revision|Generated|Last-Translator|Language-Team|Report)[-\w]*:.*\n'
)
MAY_NOT_WRITE = (errno.EACCES, errno.EPERM, errno.EROFS)  # an account, or a whole disk, that is there to be read
VARIABLE = re.compile(r"%\((\w+)\)[sd]")


def po_path(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """Return a catalogue; an empty one when the language has no file yet."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def extract() -> Catalog:
    """Return every text of the code and the pages, with the files it stands in."""
    found = Catalog(charset="utf-8", project="popschool")
    for name, _line, message, comments, context in extract_from_dir(
        str(PACKAGE), METHODS, OPTIONS, KEYWORDS, comment_tags=("For translators:",)
    ):
        found.add(message, None, [(f"popschool/{name}", None)], auto_comments=comments, context=context)
    return found


def is_wanted(message: Message, language: str) -> bool:
    """Say whether a catalogue must hold a text: French its plurals, English all, the others those of the journeys."""
    if not message.id or (language == "fr" and not message.pluralizable):
        return False
    if language in WHOLE or _singular(message) in spoken():
        return True
    files = {f"popschool/{name}" for name in (*EVERYWHERE, *JOURNEYS.values(), *PARTS)}
    return bool(files & {name for name, _line in message.locations})


@cache
def spoken() -> frozenset[str]:
    """Return the texts of journeys.txt, where \\n ends a line of a mail."""
    return frozenset(line.replace("\\n", "\n") for line in SPOKEN.read_text().splitlines())


def _singular(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else message.id


def update() -> None:
    """Bring each catalogue to the texts of the source: translations stay, new texts come empty, dead ones go."""
    template = extract()
    for language in LANGUAGES:
        catalogue, kept = read(language), Catalog(locale=language, charset="utf-8", header_comment=HEADER, fuzzy=False)
        for message in template:
            if not is_wanted(message, language):
                continue
            old = catalogue.get(message.id, message.context)
            text = old.string if old else message.id if language == "fr" else ""
            kept.add(
                message.id, text, sorted(set(message.locations)), auto_comments=message.auto_comments,
                context=message.context,
            )  # fmt: skip
        write(language, kept)


def write(language: str, catalogue: Catalog) -> None:
    """Write a catalogue, the same for the same texts: no date, no name."""
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    write_po(buffer, catalogue, width=120, sort_output=True, omit_header=False)
    path.write_text(PASSING.sub("", buffer.getvalue().decode()))


def compile_all(only_stale: bool = False) -> None:
    """Write the .mo files. A folder that cannot be written to keeps those it was installed with.

    Raises CannotServe when it was installed with none.
    """
    for language in LANGUAGES:
        source = po_path(language)
        target = source.with_suffix(".mo")
        is_fresh = target.exists() and target.stat().st_mtime >= source.stat().st_mtime if source.exists() else True
        if not source.exists() or (only_stale and is_fresh):
            continue
        try:
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
                write_mo(file, read(language))
            os.chmod(file.name, 0o644)
            os.replace(file.name, target)
        except OSError as refused:
            if refused.errno not in MAY_NOT_WRITE:
                raise
            if not target.exists():
                raise CannotServe("the words of each language are not compiled: run `make catalogues`") from refused


def problems() -> Iterator[str]:
    """Name every text that a catalogue lacks, leaves empty, is unsure of, or says with other variables."""
    template = extract()
    for language in LANGUAGES:
        catalogue = read(language)
        for message in template:
            if is_wanted(message, language):
                reason = _problem(message, catalogue.get(message.id, message.context))
                if reason:
                    yield f"{language}: {reason}: {message.id!r}"


def _problem(message: Message, translated: Message | None) -> str:
    if translated is None:
        return "missing"
    texts = translated.string if isinstance(translated.string, tuple | list) else (translated.string,)
    if not all(texts):
        return "empty"
    if translated.fuzzy:
        return "fuzzy"
    wanted = set(VARIABLE.findall("".join(message.id) if isinstance(message.id, tuple) else message.id))
    if message.pluralizable and len(texts) > 2:  # one, two or few may be words instead of numbers
        texts = [text for text in texts if set(VARIABLE.findall(text)) == set(VARIABLE.findall("".join(message.id)))]
    if not all(set(VARIABLE.findall(text)) <= wanted for text in texts):
        return "unknown variable"
    if set(VARIABLE.findall("".join(texts))) != wanted:
        return "lost variable"
    return ""


def main(command: str) -> int:
    if command == "update":
        update()
    elif command == "compile":
        compile_all()
    elif command == "check":
        found = list(problems())
        print("\n".join(found), file=sys.stderr)
        return bool(found)
    else:
        print("python -m popschool.web.catalogues update|compile|check", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
