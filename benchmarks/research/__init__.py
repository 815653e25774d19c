"""Trials of what could make distillation pay, on sets that no table of results uses."""
