#!/bin/sh
# Finds a Python that is new enough and lets it set the project up; `./setup.sh --policy` also sets up the policy tools.
set -eu
cd "$(dirname "$0")"
for python in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        exec "$python" -m tap.setup "$@"
    fi
done
echo "set-up: Python 3.11 or later is needed and none was found: install it (Debian and Ubuntu: apt-get install python3," >&2
echo "        macOS: brew install python), or name one: PYTHON=/path/to/python make setup" >&2
exit 1
