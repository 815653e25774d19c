"""Speed and memory: every figure a ratio of two things measured in one run."""
