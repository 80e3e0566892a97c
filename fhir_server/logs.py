"""Logs: one JSON object a line on standard error. Never an identity, a name, a query or a body."""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    """Set up structlog for this process and its forks."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
