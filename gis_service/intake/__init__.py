"""Intake: files of others become rows of ours, or are refused row by row."""
