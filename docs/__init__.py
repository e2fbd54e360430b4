"""Writes the generated parts of the documentation: `python -m docs.diagram` and `python -m docs.tables`."""
