"""Programmes as records: files that live, decisions that replay, parameter sets that are signed, contestations.

The rules are in `indicators.programmes`; here is what they are asked about, by whom, and what is kept of the answer.
"""
