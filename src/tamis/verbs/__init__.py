"""One file a verb: inputs, engine, result."""
