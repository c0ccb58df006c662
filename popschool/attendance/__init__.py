"""Half-days, signatures, sheets: what was planned, who signed, and the proof that nobody changed it since.

A half-day is a local date, morning or afternoon. Opening it freezes who is expected. Signatures, marks and
countersignatures are entries of a ledger, one chain per cohort, that is only ever added to; what they add up to is
worked out by a rule. Closing a week seals its sheet.
"""
