"""Benchmarks that start the real thing and measure the floor beside it."""
