"""Measures the service alone and prints it: `python -m benchmarks.service [TURNS]`; 1 when a target is missed."""

import sys

from rich.console import Console

from benchmarks.service.measurement import measure
from benchmarks.service.report import memory_line, service_table, service_verdicts
from benchmarks.warm_payment.report import books_line

console = Console()
with console.status("starting") as status:
    measured, books = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3, status.update)
console.print(service_table(measured), memory_line(measured), books_line(books), sep="\n", highlight=False)
verdicts = service_verdicts(measured)
for verdict in verdicts:
    console.print(str(verdict), style="green" if verdict.held else "red", highlight=False)
sys.exit(not all(verdict.held for verdict in verdicts))
