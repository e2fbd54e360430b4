"""How payments come back: what is examined, moved and checked when a database, or a Region, is lost or set back."""
