"""Makes `python main.py` start fast: only what the project uses of the AWS provider's bindings is loaded.

    from lib.fast_synth import install
    install()

Call it before the first import of cdktf. What is synthesized is the same to the byte; when anything is not as
expected, nothing is changed and the plain import is used. `FAST_SYNTH=0` turns it off, `FAST_SYNTH_DEBUG=1` tells
on stderr why it was not used, `FAST_SYNTH_CACHE` names another cache folder than `.cache/fast-synth`.
How and why: docs/adr/0003-fast-synth.md.
"""

from lib.fast_synth.installation import install

__all__ = ["install"]
