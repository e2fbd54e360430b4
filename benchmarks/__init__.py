"""Speed and memory, measured side by side; `python -m benchmarks` runs everything and judges it by its targets."""
