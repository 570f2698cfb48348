"""The demo county: generated from a seed, synthetic in every row."""
