"""Open a file from outside, without ever touching it in this process.

A child process reads it (``child.py``) and streams its rows; here they come out as
Arrow batches of text, with geometry as WKB, never more than a few thousand at once.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

import gis_service
from gis_service.intake.child import REFUSED
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.request import ALLOWED, FAULT_MARK, META, Found, Limits, Request

PYTHON = (sys.executable, "-P", "-s")
"""No module is looked for where a process starts, nor in anybody's home."""

NOWHERE = "/"
"""Where children start: a folder that no file from outside is put into."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is open: what the child found, and its rows."""

    found: Found
    batches: Iterator[pa.RecordBatch]


@contextmanager
def opened(
    file: Path,
    *,
    names: frozenset[str] = frozenset(),
    encoding: str | None = None,
    layer: str | None = None,
    limits: Limits | None = None,
) -> Iterator[Source]:
    """Open a file in a child process and give its rows.

    Parameters
    ----------
    file
        Shapefile, GeoPackage, GeoJSON, GeoParquet, KML, CSV, XLSX, or a zip of one.
    names
        What columns may be called (``naming.names_of``): the heading is found by it.
    encoding, layer
        As declared by whoever brings the file.
    limits
        How far the child may go.

    Raises
    ------
    FileRefusedError
        When the file cannot be read, or reading it passes a limit.
    """
    bounds = limits or Limits()
    _check(file, bounds)
    with tempfile.TemporaryDirectory(prefix="gis-grid-intake-") as folder:
        request = Request(
            str(file.resolve()), folder, tuple(names), encoding, layer, bounds
        )
        with Path(folder, "told").open("w+b") as told:
            child = _Child(request, told)
            try:
                yield child.answer()
            finally:
                child.end()


def _check(file: Path, limits: Limits) -> None:
    if not file.is_file():
        message = f"没有文件 {file.name or file} (no such file)"
        raise FileRefusedError(message, reason="broken")
    if file.stat().st_size > limits.file_mb * 1_000_000:
        message = f"文件超过 {limits.file_mb} MB (the file is too large)"
        raise FileRefusedError(message, reason="limit")


@cache
def _others() -> str:
    """Return the drivers to switch off; only a process that opens no file may ask."""
    script = "import pyogrio; print('\\n'.join(pyogrio.list_drivers()))"
    told = subprocess.run(  # noqa: S603 - our own interpreter
        [*PYTHON, "-c", script],
        cwd=NOWHERE,
        env={"PYTHONPATH": _places()},
        stdout=subprocess.PIPE,
        check=True,
    )
    return ",".join(sorted(set(told.stdout.decode().split("\n")) - ALLOWED - {""}))


def _places() -> str:
    """Return where libraries are; never the folder this process was started in.

    ``-m`` puts that folder first, and beside the file of a county may lie anything.
    """
    own = Path(gis_service.__file__).resolve().parents[1]
    others = [Path(one) for one in sys.path if Path(one).is_absolute()]
    safe = [one for one in others if one.resolve() != Path.cwd()]
    return os.pathsep.join(dict.fromkeys(map(str, [own, *safe])))


def _environment(folder: str) -> dict[str, str]:
    """Return all the child knows of the machine; nothing of ours is passed on."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "PYTHONPATH": _places(),
        "OGR_SKIP": _others(),
        # One thread and one memory arena: the limits count address space.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "1",
        "GDAL_NUM_THREADS": "1",
        "GDAL_CACHEMAX": "32",
        "OGR_GPKG_NUM_THREADS": "1",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "100",
    }


class _Child:
    """The process that reads, and what it says; killed when nothing is heard of it."""

    def __init__(self, request: Request, told: BinaryIO) -> None:
        self._told, self._wait_s = told, request.limits.wait_s
        self._is_over = False
        self._timer: threading.Timer | None = None
        command = [*PYTHON, "-m", "gis_service.intake.child", request.as_text()]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            command,
            cwd=NOWHERE,
            env=_environment(request.folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=told,
        )

    def answer(self) -> Source:
        """Return what the child found, and its rows."""
        self._wait()
        try:
            stream = pa.ipc.open_stream(self._process.stdout)
        except (pa.ArrowException, OSError) as error:
            raise self._fault() from error
        found = Found.of(stream.schema.metadata[META])
        return Source(found, self._batches(stream))

    def end(self) -> None:
        """Stop the process, whatever it does."""
        self._rest()
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _batches(self, stream: pa.ipc.RecordBatchStreamReader) -> Iterator[Any]:
        while True:
            self._wait()
            try:
                batch = stream.read_next_batch()
            except StopIteration:
                break
            except (pa.ArrowException, OSError) as error:
                raise self._fault() from error
            finally:
                self._rest()
            yield batch
        if self._process.wait() != 0:
            raise self._fault()

    def _wait(self) -> None:
        self._rest()
        self._timer = threading.Timer(self._wait_s, self._give_up)
        self._timer.daemon = True
        self._timer.start()

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _give_up(self) -> None:
        self._is_over = True
        self._process.kill()

    def _fault(self) -> FileRefusedError:
        """Return why the process ended before it was done."""
        self._rest()
        code = self._process.wait()
        self._told.seek(0)
        told = self._told.read(1 << 20).decode("utf-8", "replace")
        marked = [line for line in told.splitlines() if line.startswith(FAULT_MARK)]
        if code == REFUSED and marked:
            fault = json.loads(marked[-1].removeprefix(FAULT_MARK))
            return FileRefusedError(fault["detail"], reason=fault["reason"])
        if self._is_over:
            detail = "读取文件超时，已停止 (reading took too long)"
        elif code in {-signal.SIGXCPU, -signal.SIGKILL}:
            detail = "读取文件用时或内存超过上限，已停止 (passed the limits)"
        elif "alloc" in told.lower() or "memory" in told.lower():
            detail = "读取文件所需内存超过上限，已停止 (too much memory)"
        else:
            detail = "读取文件的进程异常退出，文件可能已损坏 (the reader broke down)"
            return FileRefusedError(detail, reason="broken")
        return FileRefusedError(detail, reason="limit")
