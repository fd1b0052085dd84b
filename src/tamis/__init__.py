"""Audit, prune and measure instruction-tuning datasets."""
