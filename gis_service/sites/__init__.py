"""Service-center sites: centers, their functions, candidates for new ones."""
