"""REST mechanics: interactions, search, capability statement, outcomes."""
