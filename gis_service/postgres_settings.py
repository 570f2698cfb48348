"""The server settings of the private cluster, fitted to the machine it runs on."""

import os
import shutil
from pathlib import Path

MEGABYTE = 1024 * 1024

ALWAYS = {
    # Sockets only; TCP is opened by request, for a desktop program such as QGIS.
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "timezone": "'Asia/Shanghai'",
    "log_timezone": "'Asia/Shanghai'",
    # The costs of the PostGIS functions trigger compilation that never pays.
    "jit": "off",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "checkpoint_timeout": "15min",
    "default_statistics_target": "200",
    # Data of persons stay out of the log: no parameters, statements or row details.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # Seven files, one per weekday, each replaced after a week: the log stays small.
    "logging_collector": "on",
    "log_filename": "'postgresql-%a.log'",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "'%m [%p] %u@%d '",
}

THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "logging_collector": "off",
}
"""For tests: what is lost by a power cut was to be thrown away anyhow."""


def text(sockets: Path, data: Path, *, throwaway: bool, tcp_port: int | None) -> str:
    """Return the content of the settings file, written anew at each start.

    ``ALTER SYSTEM`` still has the last word: its file is read later.
    """
    values = ALWAYS | {"unix_socket_directories": f"'{sockets}'"} | _sizes(data)
    if throwaway:
        values |= THROWAWAY | {"shared_buffers": "128MB"}
    if tcp_port is not None:
        values |= {"listen_addresses": "'127.0.0.1'", "port": str(tcp_port)}
    return "".join(f"{name} = {value}\n" for name, value in values.items())


def _sizes(data: Path) -> dict[str, str]:
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    free_mb = shutil.disk_usage(data.parent).free // MEGABYTE
    sizes_mb = {
        "shared_buffers": _between(64, memory_mb // 8, 2048),
        "effective_cache_size": _between(256, memory_mb // 2, 65536),
        "maintenance_work_mem": _between(64, memory_mb // 32, 512),
        "work_mem": _between(8, memory_mb // 512, 32),
        # A bulk load of a county writes some gigabytes between two checkpoints.
        "max_wal_size": _between(256, free_mb // 8, 4096),
        "min_wal_size": _between(80, free_mb // 64, 512),
    }
    values = {name: f"{size}MB" for name, size in sizes_mb.items()}
    return values | {"dynamic_shared_memory_type": _shared_memory()}


def _shared_memory() -> str:
    # Containers give 64 MB of /dev/shm, too little for a parallel query.
    place = Path("/dev/shm")  # noqa: S108 - asked for its size only
    roomy = place.is_dir() and shutil.disk_usage(place).total > 256 * MEGABYTE
    return "posix" if roomy else "mmap"


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))
