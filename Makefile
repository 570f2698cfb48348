# Everything is done by gis_service/bootstrap, which needs python3 and nothing else.
# demo   set up, fill and serve the demo county on http://127.0.0.1:8000
# test   check and test everything on a throw-away database
# check  static checks        bench  benchmarks        docs   reference pages
# drill  thousands of wrong passwords, and what else is too long for every test
# venv   Python environment   web    web client        wheel  package to install
# lock   compile the lock files anew                   clean  remove what was built

PYTHON ?= python3
.DEFAULT_GOAL := help
TARGETS := demo test check bench drill docs venv web wheel lock clean

.PHONY: help $(TARGETS)
help:
	@exec $(PYTHON) -m gis_service.bootstrap

# `exec`, so that Ctrl-C and `kill` reach what runs and not a shell before it.
$(TARGETS):
	@exec $(PYTHON) -m gis_service.bootstrap $@
