"""`tap doctor`: what stands in the way of the next deployment, found by reading alone."""
