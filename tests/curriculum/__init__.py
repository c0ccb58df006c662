"""The courses that ship with Popschool are true: their samples run, their solutions pass, their figures add up."""
