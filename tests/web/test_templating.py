"""Templates compiled for each language say what gettext would say while the page is made."""

import pytest
from flask import render_template_string
from flask.templating import Environment
from flask_babel import force_locale

from popschool.web.templating import PageEnvironment

SOURCES = [
    '{{ _("Enregistrer") }}',
    '{{ _("Cette page n\'existe pas : %(x)s", x="<b>") }}',
    "{% trans day=when %}Aujourd'hui, {{ day }}{% endtrans %}",
    "{% trans %}Enregistrer{% endtrans %}",
    "{% trans count=many %}{{ count }} jour{% pluralize %}{{ count }} jours{% endtrans %}",
    '{% set kept = _("Aujourd\'hui, %(day)s", day=when) %}<a title="{{ kept }}">{{ kept ~ "<i>" }}</a>',
    '{% macro said(text) %}<p>{{ text }}</p>{% endmacro %}{{ said(_("Enregistrer")) }}',
    '{% macro said(text) %}<p>{{ text }}</p>{% endmacro %}{{ said(_("100 %% %(day)s", day=when)) }}',
    '{{ _("<b>%(x)s</b>", x="<i>") }} {{ _("<b>%(x)s</b>", x=when) }} {{ _("<b>%(x)s</b>", x=_("Oui")) }}',
    "{% macro put(text) %}<i>{{ text }}{{ caller() }}</i>{% endmacro %}"
    '{% for one in [when, 3, none, "<b>"|safe, words] %}{% call put(one) %}{{ one }}{{ loop.cycle("<", when.title()) }}'
    '{{ ngettext("%(num)d jour", "%(num)d jours", loop.index) }}{% endcall %}{% endfor %}',
    '{{ _(words) }} {{ _("Enregistrer")|upper }} {{ [_("Oui"), _("Non")]|join(", ") }}',
]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("source", SOURCES)
def test_a_compiled_text_is_what_gettext_says(app, language, source):
    values = {"when": "<mardi>", "many": 3, "words": "Enregistrer"}
    with app.test_request_context(), force_locale(language):
        said = _as_it_was(app).from_string(source).render(values)

        assert render_template_string(source, **values) == said
        assert said.strip()


def test_a_template_is_compiled_for_each_language(app):
    with app.test_request_context():
        with force_locale("fr"):
            french = app.jinja_env.get_template("web/help.html")
        with force_locale("en"):
            english = app.jinja_env.get_template("web/help.html")
        with force_locale("fr"):
            again = app.jinja_env.get_template("web/help.html")

    assert isinstance(app.jinja_env, PageEnvironment)
    assert french is again
    assert french is not english


def _as_it_was(app) -> Environment:
    """Return an environment that looks for its texts while it renders."""
    plain = Environment(app, extensions=["jinja2.ext.i18n"], autoescape=True)
    plain.policies["ext.i18n.trimmed"] = True
    plain.globals.update(app.jinja_env.globals)
    plain.filters.update(app.jinja_env.filters)
    plain.newstyle_gettext = True
    return plain
