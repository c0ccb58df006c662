"""What peer review promises, measured: plans, estimates, and what to grade next."""
