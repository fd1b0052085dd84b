"""Which rows hold items of a benchmark: items in any shape, an index of them, matches by words and by meaning."""
