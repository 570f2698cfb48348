"""The throw-away process in which files from outside are opened.

``python -m gis_service.intake.child REQUEST``. It gives up what it does not need,
reads one file with the drivers of an allow-list, and writes Arrow record batches of
text and WKB to its standard output. A hostile file meets no other driver, no
network, little memory and little time; if it kills the process, the parent says so.
"""

import ctypes
import json
import os
import resource
import sys

from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import FAULT_MARK, Limits, Request

MEGABYTE = 1_000_000
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
"""Flags of unshare(2); Python 3.11 has no wrapper of it."""

REFUSED = 3
"""Exit code with which the last line of standard error says why."""


def main() -> int:
    """Read the file of the request given as the only argument."""
    request = Request.of(sys.argv[1])
    # Libraries may print; the answer goes where they cannot.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    is_offline = _give_up(request.limits)
    # Only now, under the limits, are the libraries loaded.
    from gis_service.intake import formats  # noqa: PLC0415 - after the limits

    try:
        formats.answer(request, answer, is_offline=is_offline)
    except FileRefusedError as error:
        fault = {"reason": error.reason, "detail": error.detail}
    except MemoryError:
        detail = "文件需要的内存超过上限 (needs more memory than allowed)"
        fault = {"reason": "limit", "detail": detail}
    except BrokenPipeError:
        return REFUSED  # The parent has seen enough.
    else:
        answer.close()
        return 0
    sys.stderr.write(f"\n{FAULT_MARK}{json.dumps(fault)}\n")
    return REFUSED


def _give_up(limits: Limits) -> bool:
    """Put the limits on and leave the network; tell whether the network is left."""
    is_offline = _without_network()
    for kind, soft in (
        (resource.RLIMIT_AS, limits.memory_mb * MEGABYTE),
        (resource.RLIMIT_DATA, limits.data_mb * MEGABYTE),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.written_mb * MEGABYTE),
        (resource.RLIMIT_NOFILE, 128),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (soft, soft))
    return is_offline


def _without_network() -> bool:
    """Move to a network with nothing in it; many containers do not let us."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is None:
        return False
    # The administrator of a container may lack the right that makes users have it.
    ways = (NEW_NETWORK, NEW_USER | NEW_NETWORK)
    return any(unshare(flags) == 0 for flags in ways)


if __name__ == "__main__":
    sys.exit(main())
