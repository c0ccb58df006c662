"""Answering: criteria, feedback, competences and awards, and what a trainer reads next.

Owns: feedback, its draft, criterion mark, award. Feedback that is undone stays as a row that says so; an award follows
the person from one programme to another, because a competence belongs to its certification.
"""
