"""Publish: every layer as tile, feature, frame, page and file, under one scope."""
