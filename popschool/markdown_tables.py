"""Tables that say their headings: to a screen reader by scope and role, on a phone beside each cell.

The roles say again what the elements are, since a table shown as cards is no table any more to some browsers.
"""

import html
import re
from typing import Any

from popschool.typography import french


class Tables:
    """The part of the pass that meets tables. `_push`, `_inner`, `_kept`, the stack and the page are the writer's."""

    columns: tuple[str, ...] = ()
    column = 0

    def _open_table(self, tag: str, given: dict[str, str]) -> None:
        self.columns, self.column = (), 0
        self._push(tag, '<table class="cards" role="table">', "</table>", kind="table")

    def _close_table(self, opened: Any) -> None:
        """A table without a caption is named, for who does not see where it stands, by the heading above it."""
        inner = self._inner(opened)
        name = self.page.headings[-1][2] if self.page.headings else self.page.title
        if "<caption" not in inner and name:
            inner = f'<caption class="out">{french(html.escape(name))}</caption>{inner}'
        self.out.append(f"{inner}{opened.closing}")

    def _open_caption(self, tag: str, given: dict[str, str]) -> None:
        self._push(tag, "", "", kind="caption")

    def _close_caption(self, opened: Any) -> None:
        inner = self._inner(opened).strip()
        if inner:
            self.out.append(f"<caption>{inner}</caption>")

    def _open_group(self, tag: str, given: dict[str, str]) -> None:
        self._push(tag, f'<{tag} role="rowgroup">', f"</{tag}>")

    _open_thead = _open_tbody = _open_tfoot = _open_group

    def _open_tr(self, tag: str, given: dict[str, str]) -> None:
        self.column = 0
        self._push(tag, '<tr role="row">', "</tr>")

    def _open_th(self, tag: str, given: dict[str, str]) -> None:
        scope = "col" if any(opened.tag == "thead" for opened in self.stack) else "row"
        look = ' class="num"' if given.get("align") == "right" else ""
        facts = {"scope": scope, "rest": f"{look}{self._kept(tag, given)}"}
        self._push(tag, "", "", kind="header", facts=facts)

    def _close_header(self, opened: Any) -> None:
        inner, rest = self._inner(opened), opened.facts["rest"]
        said = words(inner)
        if opened.facts["scope"] == "col":
            self.columns += (said,)
        self.column += 1
        if said or "<img" in inner:
            scope = opened.facts["scope"]
            role = "columnheader" if scope == "col" else "rowheader"
            self.out.append(f'<th scope="{scope}" role="{role}"{rest}>{inner}</th>')
        else:
            self.out.append(f'<td role="cell"{rest}>{inner}</td>')

    def _open_td(self, tag: str, given: dict[str, str]) -> None:
        label = self.columns[self.column] if self.column < len(self.columns) else ""
        look = ' class="num"' if given.get("align") == "right" else ""
        named = f' data-l="{html.escape(label)}"' if label else ""
        self.column += 1
        rest = f"{look}{named}{self._kept(tag, given)}"
        self._push(tag, "", "", kind="cell", facts={"rest": rest, "is_named": bool(named)})

    def _close_cell(self, opened: Any) -> None:
        inner = self._inner(opened)
        # On a phone a named cell is a grid, its name beside its content: content in pieces would spread over the grid.
        whole = f"<div>{inner}</div>" if opened.facts["is_named"] and "<" in inner else inner
        self.out.append(f'<td role="cell"{opened.facts["rest"]}>{whole}</td>')


def words(inner: str) -> str:
    """Return the text of a piece of HTML, on one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", inner))).strip()
