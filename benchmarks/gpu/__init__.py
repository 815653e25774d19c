"""What a GPU brings, measured on one card: ``python -m benchmarks.gpu``."""
