"""Runs a command that must end well even if its starter is killed: `python guard.py COMMAND ...`.

The starter holds the other end of standard input. A byte on it, or its end, interrupts the command once (SIGINT);
the command's output is passed on, and dropped once nobody reads it, so that the command never dies of a closed pipe.
Runs alone, on the standard library, to start in a moment.
"""

import os
import signal
import subprocess
import sys
import threading

_CHUNK_BYTES = 1 << 16


def main(command: list[str]) -> int:
    """Run the command to its end; its exit code, 128 + n when signal n ended it."""
    merged = os.path.sameopenfile(1, 2)
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merged else None,
    )
    threading.Thread(target=_interrupt_when_told, args=[child], daemon=True).start()
    assert child.stdout is not None
    _pass_on(child.stdout.fileno())
    code = child.wait()
    return code if code >= 0 else 128 - code


def _interrupt_when_told(child: "subprocess.Popen[bytes]") -> None:
    os.read(0, 1)
    child.send_signal(signal.SIGINT)


def _pass_on(output: int) -> None:
    reader_is_there = True
    while chunk := os.read(output, _CHUNK_BYTES):
        try:
            while reader_is_there and chunk:
                chunk = chunk[os.write(1, chunk) :]
        except BrokenPipeError:
            reader_is_there = False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
