"""The web client, built when a wheel or source archive is made."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebClient(BuildHookInterface[Any]):
    """Build ``maps/web`` into the package unless it is there already.

    A source archive carries the built client, so that installing from it needs no
    Node.js. ``GIS_SKIP_WEB=1`` leaves the client out, for a service without pages.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the client before the files are collected."""
        del version, build_data
        root = Path(self.root)
        built = root / "gis_service" / "static" / "index.html"
        if built.exists() or os.environ.get("GIS_SKIP_WEB") == "1":
            return
        web = root / "maps" / "web"
        npm = shutil.which("npm")
        if npm is None:
            message = (
                "构建网页端需要 Node.js 20.19 以上，或设 GIS_SKIP_WEB=1 "
                "(the web client needs Node.js to be built)"
            )
            raise RuntimeError(message)
        for command in (("ci", "--no-fund", "--no-audit"), ("run", "build")):
            subprocess.run([npm, *command], cwd=web, check=True)  # noqa: S603 - fixed
