"""Envelopes to Submission, and the way of a submission."""
