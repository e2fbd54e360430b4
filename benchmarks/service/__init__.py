"""The payment service under load, beside the bare database transaction that a payment cannot do without."""
