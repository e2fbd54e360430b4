"""The receipt of a removal, for people."""

from __future__ import annotations

from tap.commands.output import note, print_table
from tap.removal.preview import in_words
from tap.removal.receipt import Receipt


def print_receipt(receipt: Receipt) -> None:
    """What was removed, swept and kept, and what is left, as a table; notes on standard error."""
    rows: list[tuple[object, ...]] = [("removed by Terraform", len(receipt.removed), "")]
    rows.append(("swept beside it", len(receipt.swept), ", ".join(one.arn for one in receipt.swept)))
    if receipt.kept:
        rows.append(("kept on purpose", len(receipt.kept), ", ".join(one.arn for one in receipt.kept)))
    left = (f"{one.name} ({one.reason})" if one.reason else one.name for one in receipt.left)
    rows.append(("left", len(receipt.left), ", ".join(left)))
    rows.append(("seconds", f"{receipt.seconds:.1f}", f"{receipt.terraform_seconds:.1f} of them in Terraform"))
    title = f"Receipt: environment {receipt.suffix}, account {receipt.account}, "
    title += in_words(receipt.region, receipt.secondary_region)
    print_table(("what", "number", "which"), rows, title=title)
    for text in receipt.notes:
        note(text)
