"""A warm payment in the function's handler, beside the bare database transaction that it cannot do without."""
