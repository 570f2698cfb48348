"""Set a fresh machine up: environment, web client, PostGIS.

Everything here runs under the system's own ``python3``, before any package is
installed: it imports the standard library and this folder only.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the system's Python may be older
    raise SystemExit("需要 Python ≥ 3.11 (Python 3.11 or newer is needed)")  # noqa: EM101, TRY003 - nothing is imported yet
