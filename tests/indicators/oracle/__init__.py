"""Random countries told as events, the facts they make, and a count of the events that shares no code with either."""
