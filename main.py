"""Settings -> architecture -> synth."""

from lib.fast_synth import install

install()

from lib.synth import main  # noqa: E402  (cdktf must be imported after the fast loader is in place)

if __name__ == "__main__":
    raise SystemExit(main())
