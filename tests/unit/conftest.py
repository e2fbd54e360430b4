"""The provider's modules load fast in the unit tests, as they do in main.py."""

from __future__ import annotations

import os

from lib.fast_synth import install
from lib.settings import Settings

for name in Settings.model_fields:
    os.environ.pop(name.upper(), None)
install()
