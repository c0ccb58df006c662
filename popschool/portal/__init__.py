"""Pages that gather: each role's home, one person's file, the board of a cohort, the site map."""
