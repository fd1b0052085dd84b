"""Which rows to train on, if not on all: budgets, strategies, and what sets a subset apart from a random one."""
