"""What Popschool costs, beside a bare Flask page in the same run. Run with `make bench`.

Absolute times mean nothing on a shared machine: every figure is a ratio, with its SQL statements and bytes beside it.
"""
