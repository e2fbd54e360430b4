"""A client of the payment API, by signature or key; it reaches an API of the local AWS as one of AWS's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from boto3 import Session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session

# Longer than the API's own limit of 30 s.
TIMEOUT_SECONDS = 40
KEY_HEADER = "x-api-key"
NO_ANSWER = (ConnectionError, HTTPClientError)
"""What botocore raises when no answer arrives: the first while it connects, the second after that."""


class CredentialsError(RuntimeError):
    """There are no AWS credentials to sign with."""


@dataclass(frozen=True)
class Answer:
    """What the API answered; `body` is the parsed JSON, or the text where it is not JSON; `headers` by lower-case name.

    Two answers are equal when status and body are: headers differ with each request.
    """

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)


class PaymentClient:
    """Calls the API at `url` with the credentials of `session`, or with the key that its callers share.

    With `endpoint_url` (the local AWS) the connection goes there, with the API's own host name in the request.
    """

    def __init__(
        self, url: str, session: Session, *, endpoint_url: str | None = None, api_key: str | None = None
    ) -> None:
        self._url = url.rstrip("/")
        self._session = session
        self._endpoint_url = endpoint_url
        self._api_key = api_key
        self._http = URLLib3Session(timeout=TIMEOUT_SECONDS)

    @property
    def url(self) -> str:
        """The API's own address, without a path."""
        return self._url

    def send(self, method: str, path: str, body: object = None, *, signed: bool = True) -> Answer:
        """Send one request; `body` is written as JSON, or as it is when it is text or bytes.

        `signed` says that it is the caller's: by a signature, or by the key.

        Raises `CredentialsError`, and one of `NO_ANSWER` when no answer arrives.
        """
        data = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
        request = AWSRequest(
            method, self._url + path, data=data, headers={"Content-Type": "application/json"} if data else {}
        )
        request.headers["Host"] = urlsplit(self._url).netloc
        if signed and self._api_key:
            request.headers[KEY_HEADER] = self._api_key
        elif signed:
            credentials = self._session.get_credentials()
            if credentials is None:
                raise CredentialsError("no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret")
            SigV4Auth(credentials, "execute-api", self._session.region_name).add_auth(request)
        if self._endpoint_url:
            request.url = self._endpoint_url + path
        response = self._http.send(request.prepare())
        headers = {name.lower(): value for name, value in response.headers.items()}
        try:
            return Answer(response.status_code, json.loads(response.text), headers)
        except ValueError:
            return Answer(response.status_code, response.text, headers)
