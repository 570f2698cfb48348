"""Why a whole file, or a whole command, cannot be taken in."""

from gis_service.errors import UnprocessableError


class FileRefusedError(UnprocessableError):
    """A file cannot be opened, is not what it says, or passes a limit.

    The parameter ``reason`` is a stable word: ``format``, ``broken``, ``archive``,
    ``limit``, ``encoding``, ``crs``, ``columns``, ``layer``, ``coordinates``.
    """

    code = "file_refused"
    title = "文件无法导入 (file refused)"

    def __init__(self, detail: str, *, reason: str) -> None:
        super().__init__(detail, reason=reason)
        self.reason = reason


class UndoRefusedError(UnprocessableError):
    """A batch cannot be undone, since something came after it."""

    status = 409
    code = "undo_refused"
    title = "无法撤销 (cannot undo)"
