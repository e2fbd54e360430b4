"""Tags of all resources, for the Resource Groups Tagging API: where moto's backends keep them, service by service."""
