"""What the page of an audit shows, one file a section: from a result to plain mappings."""
