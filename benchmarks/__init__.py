"""Benchmarks: figures and tables, each printed by a command."""
