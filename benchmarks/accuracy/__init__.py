"""Accuracy of students of prefixes: a runner of cells, protocols, and reports."""
