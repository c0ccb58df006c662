"""The registers that a quality audit asks for: what was decided, who signed what, who complained, what changed.

A *record* is one line of a register: an interview, a positioning, a complaint, an improvement. A correction is another
row, with its reason; the first stays. House rules have versions that people sign; a survey has answers without names.
"""
