"""The forms of asking for help, and of saying how somebody was helped."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from popschool.projects.rules_help import LONGEST_WORDS, How
from popschool.web.forms import Form


class AskForm(Form):
    words = TextAreaField(_l("Ce qui ne marche pas, en une phrase"), [Optional(), Length(max=LONGEST_WORDS)])


class AnswerForm(Form):
    how = RadioField(
        _l("Comment vous avez aidé"),
        [InputRequired()],
        choices=[
            SelectChoice(How.TOGETHER, _l("Ensemble, sur place ou par téléphone")),
            SelectChoice(How.MESSAGE, _l("Par ce message")),
            SelectChoice(How.GROUP, _l("Avec tout le groupe")),
        ],
    )
    words = TextAreaField(_l("Votre message"), [Optional(), Length(max=LONGEST_WORDS)])
