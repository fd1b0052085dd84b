"""What the page of each result shows: from its summary to parts with blocks, no result class known."""
