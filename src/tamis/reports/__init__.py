"""Reports render plain frames and mappings; they know no result class."""
