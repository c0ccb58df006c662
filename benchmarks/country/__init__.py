"""A day of the whole country, replayed against the program as it runs in production: see `__main__`.

`plan` says who does what and when, `acts` how each thing is done at the pages, `rows` whom to ask for and what was kept
in the end. `locustfile` is run by locust, in an environment of its own: it and `acts` know the standard library alone.
"""
