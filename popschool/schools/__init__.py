"""The network, its schools, the people, and who is in which cohort from when to when.

Owns: network, school, site, person, cohort, enrolment, posting, accommodation. Enrolments and postings are dated: a
sheet or a team of last month is read from the dates, never from today's list.
"""
