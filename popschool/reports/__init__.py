"""What funders and auditors are shown, and the boards on which a school sees where it stands.

Nothing is typed here. A *figure* is a sum over rows that the features above keep, with its definition beside it: it
opens to those rows, and each row says which documents it went into. A *door* lets in somebody who is not of the school,
a funder or an auditor, to what is theirs and nothing else, until a day.
"""
