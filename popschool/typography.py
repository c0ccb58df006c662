"""French as printers set it: a line never starts with one of its tall signs, nor ends just after an opening quote.

A no-break space before : % », and after «; a narrow one before ; ! ?. Texts are written with ordinary spaces, and set
when they are shown. English has no such spaces, so that a text of either language may pass through.
"""

import re
import unicodedata

NO_BREAK, THIN = "\u00a0", "\u202f"
BEFORE_WIDE = re.compile(r"(?<!\s) (?=»|(?::|%%?)(?:[\s.,;)]|$))")
BEFORE_TALL = re.compile(r"(?<!\s) (?=[;!?](?:[\s!?»).]|$))")


def french(text: str) -> str:
    """Return a text with its spaces held.

    >>> french("« Prêt ? » : 33 % en plus !")
    '«\\xa0Prêt\\u202f?\\xa0»\\xa0: 33\\xa0% en plus\\u202f!'
    """
    if " " not in text:
        return text
    text = BEFORE_WIDE.sub(NO_BREAK, text.replace("« ", f"«{NO_BREAK}"))
    return BEFORE_TALL.sub(THIN, text)


def of_person(name: str) -> str:
    """Return a person's name after "de": "d'Amina", "de Karim". A first h is mute, as in most first names."""
    letters = unicodedata.normalize("NFD", name.lower())
    elides = letters[:1] in tuple("aeiouœæ") or re.match(r"h[aeiou]|y[^aeiou]", letters)
    return f"d'{name}" if elides else f"de {name}"


def of_place(name: str) -> str:
    """Return a town's name after "de", with its article: "d'Amiens", "du Havre", "de La Rochelle"."""
    for article, with_de in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return with_de + name[len(article) :]
    return of_person(name)
