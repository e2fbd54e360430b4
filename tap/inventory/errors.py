"""What can go wrong when an account is searched."""


class InventoryError(Exception):
    """A listing failed, so that what was found may not be all there is; the message names the call or the file."""
