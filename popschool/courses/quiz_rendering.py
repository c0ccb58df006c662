"""A quiz made ready to be asked: each piece of its Markdown rendered and cleaned as a page is.

What comes out has two parts that never meet in a browser before an attempt: what is asked, in the page, and what is
right, in `questions`, which stay on the server.
"""

import re
from dataclasses import replace
from html import escape

from popschool.courses import quiz_format
from popschool.courses.quiz_format import Answer, Question
from popschool.markdown import ImageResolver as Images
from popschool.markdown import Rendered, Resolver, render
from popschool.markdown_code import colour
from popschool.markdown_pass import ANCHOR, slug
from popschool.markdown_tables import words

PLAIN = re.compile(r"[^\W\d_][\w ,;.?!'’«»()%€\u00a0\u202f…]*")
BLOCKS = re.compile(r"</?(?:p|figure|figcaption|div|pre|ul|ol|li|blockquote|table|dl|h\d)\b[^>]*>")
SINGLE = re.compile(r"<p>((?:(?!</?p>).)*)</p>", re.DOTALL)


def render_quiz(body: str, *, link: Resolver, image: Images) -> Rendered:
    """Return a quiz as a page: its introduction, its headings, its text without any answer, and its questions."""
    quiz = quiz_format.read_quiz(body)
    maker = _Maker(link, image)
    page = render(quiz.intro, link=link, image=image)
    questions = tuple(maker.question(question) for question in quiz.questions)
    asked = " ".join(f"{question['title']} {words(question['prompt'])}" for question in questions)
    return replace(
        page,
        headings=page.headings + tuple((2, question["anchor"], question["title"]) for question in questions),
        text=f"{page.text} {asked}".strip(),
        problems=page.problems + tuple(maker.problems),
        questions=questions,
    )


class _Maker:
    """Renders pieces one by one, and keeps what could not be shown."""

    def __init__(self, link: Resolver, image: Images):
        self.link, self.image = link, image
        self.problems: list[str] = []
        self.taken: set[str] = set()

    def question(self, question: Question) -> dict:
        """Return a question as it is kept. `answers` stand in the order in which they are shown."""
        title = self._line(question.title)
        heading = words(title)
        return {
            "id": question.key,
            "kind": question.kind,
            "anchor": ANCHOR + slug(heading, self.taken),
            "title": heading,
            "title_html": title,
            "prompt": self._block(question.prompt),
            "about": self._block(question.about),
            "label": words(self._line(question.label)),
            "code": [colour(row, question.language) for row in question.code.split("\n")] if question.code else [],
            "answers": [self._answer(question, answer) for answer in quiz_format.shown(question)],
        }

    def _answer(self, question: Question, answer: Answer) -> dict:
        html = self._line(answer.text)
        return {
            "key": answer.key,
            "html": html,
            "text": words(html),
            "is_right": answer.is_right,
            "rank": question.answers.index(answer) + 1,
            "line": quiz_format.line_of(answer) if question.kind == quiz_format.LINE else 0,
            "why": self._block(answer.why),
        }

    def _block(self, text: str) -> str:
        """Return a piece of a page; plain words do not need the whole of Markdown."""
        if not text or PLAIN.fullmatch(text):
            return f"<p>{escape(text, quote=False)}</p>" if text else ""
        page = render(text, link=self.link, image=self.image)
        self.problems += page.problems
        return page.html

    def _line(self, text: str) -> str:
        """Return a piece that stands inside a label or a heading, where no paragraph may."""
        html = self._block(text).strip()
        alone = SINGLE.fullmatch(html)
        return alone[1] if alone else BLOCKS.sub(" ", html).strip()
