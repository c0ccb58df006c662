"""Work: a project is set to a cohort, learners hand it in, alone or together, as often as they need.

Owns: assignment, deliverable, draft, submission, team, extension. A submission is never changed: a second try is a new
version, with its owners, its files and the revision of the page that was read. Teams are kept with what they made.
"""
