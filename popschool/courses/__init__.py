"""Courses from git: source, revision, programmes, projects, pages and competences.

A page's row holds from one revision to another, so a cohort reads the revision it is pinned to, and a change of one
page in ten thousand writes two rows.
"""
