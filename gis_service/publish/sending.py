"""Sends an answer: not again to who has it, and small to who can unpack it."""

import gzip
from hashlib import blake2b

from starlette.types import Send

from gis_service.access.origin import HEADERS, TWO_YEARS, policy_of
from gis_service.publish.answers import PUBLIC, Answer, Call

LEAST_TO_PACK = 1024
VARY = "Accept-Encoding, Accept, Cookie, Authorization"


async def send_answer(answer: Answer, call: Call, send: Send) -> None:
    """Send an answer to whoever called."""
    headers = {
        **HEADERS,
        "Content-Security-Policy": policy_of(call.path),
        "Content-Type": answer.content_type,
        "Vary": VARY,
        **answer.headers,
    }
    if call.is_by_https_only:
        headers["Strict-Transport-Security"] = TWO_YEARS
    body, status = answer.body, answer.status
    if headers.get("Cache-Control") == PUBLIC:
        # Weak: packed and unpacked are the same answer.
        tag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
        headers["ETag"] = tag
        if tag in call.headers.get("if-none-match", ""):
            del headers["Content-Type"]
            await _send(304, headers, b"", send)
            return
    if len(body) > LEAST_TO_PACK and _takes_gzip(call):
        # Level 1 takes off a third for half a millisecond; more costs more.
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    await _send(status, headers, b"" if call.is_head else body, send)


def _takes_gzip(call: Call) -> bool:
    offered = call.headers.get("accept-encoding", "").lower()
    codings = (each.strip().partition(";") for each in offered.split(","))
    return any(
        name.strip() == "gzip" and weight.replace(" ", "") not in {"q=0", "q=0.0"}
        for name, _, weight in codings
    )


async def _send(status: int, headers: dict[str, str], body: bytes, send: Send) -> None:
    raw = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
