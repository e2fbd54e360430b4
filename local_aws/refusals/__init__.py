"""Refusals that AWS gives and moto does not, by service."""
