"""The indicators: one small function each, returning an Ibis expression over the fact tables."""
