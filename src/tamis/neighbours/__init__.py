"""Which rows are alike: verified pairs, by shared words (lexical) or by meaning (semantic)."""
