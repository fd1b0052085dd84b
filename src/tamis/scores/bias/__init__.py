"""Whom a dataset represents, and how; and whom our own rules drop."""
