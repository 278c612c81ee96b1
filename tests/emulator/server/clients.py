"""boto3 clients that call the layer in the same process, without a socket."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from . import REGION
from .http import Request
from .models import SESSION

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=True
)
_session: Any = None
_made: dict[tuple[int, str, str], Any] = {}


class _Raw:
    """The part of a response's raw stream that botocore reads."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, *args: Any, **kwargs: Any) -> Any:
        body, self.body = self.body, b""
        yield body

    def read(self, amount: int | None = None) -> bytes:
        body, self.body = self.body, b""
        return body


class Clients:
    """Makes and keeps clients for the services, one for each region."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer

    def __call__(self, service: str, region: str = REGION) -> Any:
        global _session
        key = (id(self.layer), service, region)
        if key not in _made:
            if _session is None:
                _session = boto3.Session(
                    botocore_session=SESSION,
                    aws_access_key_id="AKIAPLUMBLINEEMULATE",
                    aws_secret_access_key="emulator",
                    region_name=REGION,
                )
            client = _session.client(service, region_name=region, config=CONFIG, endpoint_url="http://127.0.0.1")
            client.meta.events.register_first("before-send.*.*", self._send)
            _made[key] = client
        return _made[key]

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        elif hasattr(body, "read"):
            body = body.read()
        headers = {}
        for name, value in request.headers.items():
            headers[name.lower()] = value.decode() if isinstance(value, bytes) else str(value)
        headers.pop("transfer-encoding", None)
        headers["host"] = "127.0.0.1"
        headers["content-length"] = str(len(body))
        if url.hostname and url.hostname != "127.0.0.1" and url.hostname.endswith(".127.0.0.1"):
            headers.setdefault("x-amz-account-id", url.hostname.removesuffix(".127.0.0.1"))
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        reply = self.layer.handle(Request(request.method, target, headers, bytes(body), internal=True))
        return AWSResponse(request.url, reply.status, dict(reply.headers), _Raw(reply.body))
