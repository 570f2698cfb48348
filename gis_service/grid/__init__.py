"""The grid (网格): cells, who is on duty in them, which cell a place is in."""
