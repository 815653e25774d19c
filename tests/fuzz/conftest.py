"""Say how many odd inputs were tried, and how the trials ended."""

from odd_values import OUTCOMES


def pytest_terminal_summary(terminalreporter):
    if OUTCOMES:
        ends = ", ".join(f"{number} {name}" for name, number in OUTCOMES.most_common())
        terminalreporter.write_line(f"{OUTCOMES.total()} odd inputs: {ends}")
