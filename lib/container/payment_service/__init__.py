"""The payment service over HTTP: `payment_service:app` for any ASGI server, `python -m payment_service` to run it.

Its modules import each other relatively, as the package is `payment_service` in the image and a part of `lib` here.
"""

from .application import app

__all__ = ["app"]
