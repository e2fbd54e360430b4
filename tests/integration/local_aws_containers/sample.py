"""A tiny service as a build context: what CodeBuild is given, and what a task then runs."""

import io
import zipfile
from collections.abc import Mapping

DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM public.ecr.aws/docker/library/python:3.13-slim@sha256:{digest} AS build
WORKDIR /build
COPY requirements.txt ./
RUN pip install --require-hashes --target /packages \\
    --requirement requirements.txt

FROM public.ecr.aws/docker/library/python:3.13-slim@sha256:{digest}
ENV PYTHONPATH=/packages:/srv \\
    GREETING="from the image"
COPY --from=build /packages /packages
COPY app/ /srv/
WORKDIR /srv
USER 10001
EXPOSE 8080
ENTRYPOINT ["python", "-m", "sample"]
CMD ["--port", "8080"]
""".replace("{digest}", "0" * 64)

SERVICE = '''\
"""Says who it is; ends, fails or waits when it is told to."""

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = "{version}"
HEALTHY = threading.Event()
HEALTHY.set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/wait":
            print("asked to wait", flush=True)
            time.sleep(float(query))
        if path == "/exit":
            os._exit(int(query))
        if path == "/break":
            HEALTHY.clear()
        status = 200 if path != "/health" or HEALTHY.is_set() else 503
        said = {
            "version": VERSION,
            "task": os.environ["SERVICE_HOST"],
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "path": self.path,
            "environment": {name: value for name, value in os.environ.items() if not name.startswith("AWS_SECRET")},
            "arguments": sys.argv[1:],
            "directory": os.getcwd(),
        }
        self.answer(status, json.dumps(said).encode())

    def do_POST(self):
        self.answer(201, self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, text, *values):
        if self.path != "/health":
            print(text % values, flush=True)


print("started", VERSION, flush=True)
server = ThreadingHTTPServer((os.environ.get("SERVICE_HOST", "0.0.0.0"), int(sys.argv[2])), Handler)
server.daemon_threads = False


def stop(*_):
    print("stopping", flush=True)
    threading.Thread(target=server.shutdown).start()


signal.signal(signal.SIGTERM, signal.SIG_IGN if "DEAF" in os.environ else stop)
server.serve_forever()
server.server_close()
print("stopped", flush=True)
'''

HEALTH_CHECK = (
    "python -c \"import urllib.request as r; r.urlopen('http://localhost:8080/health', timeout=2)\" || exit 1"
)


def context(version: str = "1", *, changed: Mapping[str, str | None] | None = None) -> bytes:
    """The build context as a zip, the same bytes each time. `changed`: other files, None for one that is left out."""
    files: dict[str, str | None] = {
        "Dockerfile": DOCKERFILE,
        "requirements.txt": "iso4217==1.14 --hash=sha256:" + "0" * 64 + "\n",
        "app/sample.py": SERVICE.replace("{version}", version),
        **(changed or {}),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            if text is not None:
                package.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()
