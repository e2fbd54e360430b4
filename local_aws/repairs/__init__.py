"""Repairs of what moto gets wrong, by service."""
