"""The provider's modules load fast in the unit tests, as they do in main.py; examples may take as long as they take."""

from __future__ import annotations

import os

from hypothesis import settings as hypothesis_settings

from lib.fast_synth import install
from lib.settings import Settings

for name in Settings.model_fields:
    os.environ.pop(name.upper(), None)
install()
# A deadline measures the computer, and what else it does.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")
