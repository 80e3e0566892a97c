"""Files of declared data."""
