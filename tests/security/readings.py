"""Answers of every kind read as the words that somebody could take from them."""

import html
import io
import json
import re
import zipfile

import httpx
import mapbox_vector_tile

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def words(answer: httpx.Response) -> str:
    """Return all that an answer says: headers, and the body decoded from its form."""
    body, kind = answer.content, answer.headers.get("content-type", "")
    told = [str(answer.headers.multi_items())]
    if kind.startswith("application/vnd.mapbox-vector-tile"):
        drawn = mapbox_vector_tile.decode(body) if body else {}
        told.append(json.dumps(drawn, ensure_ascii=False))
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            told += [
                packed.read(name).decode("utf-8", "replace")
                for name in packed.namelist()
            ]
    told.append(body.decode("utf-8", "replace"))
    if "\\u" in told[-1]:
        told.append(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), told[-1]))
    if kind.startswith("text/html") and "&" in told[-1]:
        told.append(html.unescape(told[-1]))
    return "\n".join(told)
