"""Long runs, started by hand: what a minute of tests cannot find."""
