"""JavaScript of others that is kept in this repository."""
