"""Requests to a host of the data plane, signed as AWS clients sign them, or not."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


@dataclass(frozen=True)
class Received:
    """An HTTP answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def signed(
    credentials: Credentials, service: str, region: str, method: str, url: str, body: bytes, headers: Mapping[str, str]
) -> dict[str, str]:
    """The headers of a request with its Signature Version 4."""
    request = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
    SigV4Auth(credentials, service, region).add_auth(request)
    return dict(request.headers.items())


def send(
    port: int, host: str, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Received:
    """Sends a request to the local AWS under another host name."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, {**(headers or {}), "Host": host})
        answer = connection.getresponse()
        return Received(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
