"""Set a fresh machine up: environment, web client, PostGIS.

Everything here runs under the system's own ``python3``, before any package is
installed: it imports the standard library and this folder only.
"""
