"""Renderers, with the smallest verdicts that show what they do."""
