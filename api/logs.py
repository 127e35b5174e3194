"""Structured logs: one JSON object a line on standard error, exceptions with their trace and nothing of the data."""

import sys

import structlog


def configure() -> None:
    """Set up the logs of the server."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
