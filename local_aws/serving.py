"""The server process of the local AWS."""

import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

SETTINGS = {
    "MOTO_ACCOUNT_ID": "123456789012",
    "MOTO_ACM_VALIDATION_WAIT": "1",
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
}
"""moto's settings that it reads from the environment. One account, whatever the key: looking for the key's account
makes moto load IAM's managed policies once for each partition, which takes seconds. Nothing here uses images."""


def serve(directory: Path, with_parent: bool) -> None:
    """Serves until it is told to stop; with_parent: until its standard input closes, as it does when the parent ends.

    Writes `server.json` (pid, port) to the directory once it can be reached.
    """
    signal.signal(signal.SIGTERM, _stop)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    os.environ.update(SETTINGS)
    if with_parent:
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    from local_aws import containers, databases, functions, load_balancers
    from local_aws.application import create_application

    class Handler(MotoRequestHandler):
        disable_nagle_algorithm = True

    databases.install(directory.resolve() / "databases")
    server = make_server("127.0.0.1", 0, create_application(), threaded=True, request_handler=Handler)
    os.environ["MOTO_PORT"] = str(server.port)
    address = directory / "server.json"
    written = address.with_suffix(".new")
    written.write_text(json.dumps({"pid": os.getpid(), "port": server.port}))
    written.replace(address)
    try:
        server.serve_forever()
    finally:
        address.unlink(missing_ok=True)
        load_balancers.stop()
        containers.stop()
        functions.stop()
        databases.stop()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _stop_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
