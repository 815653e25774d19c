"""Early classifiers side by side, on the same splits and the same points."""
