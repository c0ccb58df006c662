"""French as printers set it: a line never starts with one of its tall signs, nor ends just after an opening quote.

A no-break space before : % », and after «; a narrow one before ; ! ?. Texts are written with ordinary spaces, and set
when they are shown. English has no such spaces, so that a text of either language may pass through.
"""

import re

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
