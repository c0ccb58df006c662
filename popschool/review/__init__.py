"""Learners reading each other's work: who reads whom, what they said, and how sure the score drawn from it is.

Owns the **round** of an assignment's deliverable, its **works**, **reviewers** and **reviews**, what authors answer to
them, and what they ask the trainer to look at. Every work gets the reviews it was promised, whatever happens: the plan
repairs itself, says why, and never takes away a review that was opened. Nobody reads themselves, their team or, if it
can be helped, who reads them. Reviewers and authors know each other by a number of the round; addresses are drawn.

The score of peers decides nothing: it is shown to a trainer with its interval, and says which work to look at next. All
of that is in rules: `rules_allocation` plans, `rules_repair` mends the plan as people come and go, `rules_estimate`
weighs the reviews, `rules_routing` says what to grade next and why. They are written without a library of matrices: a
cohort is twenty-four people, and an old server must install nothing for it.
"""
