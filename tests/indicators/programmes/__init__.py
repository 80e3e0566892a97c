"""Programmes, one file a module."""
