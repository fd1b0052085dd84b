"""Dataset-level measures: each maps the signals of all rows to a few numbers."""
