"""Game days: faults on purpose, under a load of payments, and how long it takes until all is well again."""
