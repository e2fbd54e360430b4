"""`make demo`: the whole system deployed on the local AWS, used, planned again, destroyed."""
