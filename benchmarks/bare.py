"""The yardstick: a Flask application with nothing of ours in it, served by the same server as Popschool.

`/hello` is a constant; `/page` is a 30 kB Jinja page with one primary-key read through the ORM.
"""

import os
import sys

from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PAGE = """<!doctype html><html lang="en"><head><title>{{ title }}</title></head><body>
<nav><ul>{% for n in range(40) %}<li><a href="/link/{{ n }}">Link number {{ n }}</a></li>{% endfor %}</ul></nav>
<main><h1>{{ title }}</h1>
<table><thead><tr><th>Number</th><th>Name</th><th>State</th><th>Remark</th></tr></thead><tbody>
{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.name }}</td><td>{{ row.state }}</td>
<td>A remark about the row number {{ row.number }} that says a little more, and a little more again, so that it
weighs what such rows weigh on a page.</td></tr>
{% endfor %}</tbody></table></main></body></html>"""


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Thing(db.Model):
    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]


def create_bare_app(database_url: str) -> Flask:
    app = Flask("bare")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    db.init_app(app)
    with app.app_context():
        db.create_all()
        if db.session.get(Thing, 1) is None:
            db.session.add(Thing(id=1, title="A bare page"))
            db.session.commit()
    rows = [{"number": n, "name": f"Name of row {n}", "state": "open"} for n in range(138)]

    @app.get("/hello")
    def hello():
        return "hello"

    @app.get("/page")
    def page():
        return render_template_string(PAGE, title=db.session.get(Thing, 1).title, rows=rows)

    return app


def main() -> None:
    """Serve as Popschool does: waitress with eight threads, or gunicorn with four in each of several processes."""
    url, port, workers = sys.argv[1], int(sys.argv[2]), int((sys.argv[3:] or ["1"])[0])
    if workers == 1:
        from waitress import serve

        serve(create_bare_app(url), host="127.0.0.1", port=port, threads=8, _quiet=True)
        return
    command = [sys.executable, "-m", "gunicorn", f"benchmarks.bare:create_bare_app({url!r})", "--workers", str(workers)]
    command += ["--worker-class", "gthread", "--threads", "4", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
