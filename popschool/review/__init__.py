"""Learners reading each other's work: who reads what, what the reviews add up to, how sure that is.

Owns the **review round** of an assignment, its **reviews**, and what authors answer to them. Every work gets the
reviews it was promised, whatever happens; nobody reads themselves, their team or, if it can be helped, who reads them.

The score of peers never decides anything: it is shown to a trainer with its interval, and says which work to look at
next. All of that is in rules: `rules_allocation` plans, `rules_repair` mends the plan as people come and go,
`rules_estimate` weighs the reviews, `rules_routing` says what to grade next and why. They are written without a library
of matrices: a cohort is twenty-four people, and an old server must install nothing for it.
"""
