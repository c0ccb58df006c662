"""What is done, what is left, and the papers that prove it.

Hours, competences and deliverables are read from the features above, never typed again. A *funder* pays through a
*funding* (its agreement), and an enrolment is paid by one or several of them, each for its dates. A *document* is made
of a *content* (what it says, in blocks) and a *paper* (its PDF); it is kept as it was issued, whatever happens next.
"""
