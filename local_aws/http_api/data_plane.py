"""WSGI middleware: requests to the host of an API or of a function URL go there, all others to AWS's own APIs."""

from collections.abc import Iterable
from urllib.parse import quote, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from local_aws.http_api.api_lookup import URL_HOST, function_at, is_api_host
from local_aws.http_api.function_url import answer_url
from local_aws.http_api.gateway import Exchange, Gateway, error_answer
from local_aws.http_api.payload import HttpAnswer, HttpRequest
from local_aws.http_api.signature import SignedRequest


class DataPlane:
    """The data plane over the application that answers AWS's own APIs."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.gateway = Gateway()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        if URL_HOST.fullmatch(host):
            answer = self._function_url(environ, host)
        elif is_api_host(host):
            answer = self.gateway.answer(_exchange(environ, host))
        else:
            return self.application(environ, start_response)
        response = Response(answer.body, answer.status, answer.headers)
        return response(environ, start_response)

    def _function_url(self, environ: WSGIEnvironment, host: str) -> HttpAnswer:
        function = function_at(host)
        if function is None:
            return error_answer(404, "Not Found")
        return answer_url(_exchange(environ, host), function)


def _exchange(environ: WSGIEnvironment, host: str) -> Exchange:
    request = Request(environ)
    body = request.get_data()
    query = request.query_string.decode()
    headers = {name.lower(): value for name, value in request.headers.items()}
    values = {name: ",".join(request.args.getlist(name)) for name in request.args}
    path = urlsplit(environ.get("RAW_URI") or quote(request.path)).path or "/"
    received = HttpRequest(
        method=request.method,
        raw_path=request.path,
        raw_query=query,
        query=values,
        headers=headers,
        body=body,
        source_ip=request.remote_addr or "127.0.0.1",
        protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
    )
    return Exchange(received, SignedRequest(request.method, path, query, headers, body), host)
