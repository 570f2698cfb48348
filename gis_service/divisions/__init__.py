"""Divisions (行政区划): counties, townships, villages and their codes."""
