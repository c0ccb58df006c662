"""The words of a period in a company: how somebody worked, how the school came."""

from flask_babel import lazy_gettext as _l

from popschool.completion.rules_company import How, Mark

MARKS = {Mark.ALONE: _l("sans aide"), Mark.HELPED: _l("avec de l'aide"), Mark.NOT_SEEN: _l("pas vu ici")}
HOWS = {How.THERE: _l("dans l'entreprise"), How.VIDEO: _l("en visio"), How.PHONE: _l("au téléphone")}
