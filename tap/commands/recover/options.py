"""Options of the commands that recover."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tap.recovery.writers import LONGEST_SECONDS, TRUSTED_SECONDS

SETTLE_SECONDS = TRUSTED_SECONDS + LONGEST_SECONDS

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan, and touch nothing.")]
Confirm = Annotated[
    str | None,
    typer.Option(
        metavar="SUFFIX", help="The suffix once more, instead of the prompt where data may be lost.", show_default=False
    ),
]
Directory = Annotated[
    Path, typer.Option(help="Where journals and reports are kept, in a folder for each environment and recovery.")
]
RECOVERIES = Path("recoveries")
To = Annotated[str, typer.Option("--to", help="The moment, such as 2026-11-21T10:00Z.", show_default=False)]
Settle = Annotated[
    float,
    typer.Option(help="Seconds from the stop of the writers until nothing that was begun before still writes.", min=0),
]
