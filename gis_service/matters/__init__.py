"""Matters (事): what is reported in the grid and seen through to its close."""
