"""The paper's experiments: accuracy of students of prefixes, by method."""
