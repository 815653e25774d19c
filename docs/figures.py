"""Draw the pictures of the pages: `python docs/figures.py` writes docs/images/*.svg anew."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from aeon.datasets import load_gunpoint
from matplotlib.patches import FancyBboxPatch

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import DecisionCost

IMAGES = Path(__file__).parent / "images"
BLUE, ORANGE, GREEN = "#1b6ca8", "#d95f02", "#1b9e77"


def draw_decisions() -> None:
    """Draw three series up to their decisions, and the rule below them."""
    random = np.random.default_rng(2)
    y = np.tile(["cylinder", "bell", "funnel"], 80)
    X = np.array([[draw_series(name, random)] for name in y])
    goal = DecisionCost(delay=0.3)
    early = GDPDEarlyClassifier(objective=goal, random_state=0).fit(X[3:], y[3:])
    series = X[:3]
    labels, _, stops = early.predict_early(series)
    points = np.array(early.classification_points_)
    best = early.engine_.probabilities_up_to(series, len(points)).max(-1)
    odds = np.log(best / (1 - best))
    rule = early.trigger_
    line = rule.start_ - rule.slope_ * points / 128
    figure, axes = plt.subplots(2, 3, figsize=(9, 3.8), sharex=True, sharey="row",
                                layout="constrained")  # fmt: skip
    time = np.arange(1, 129)
    for column, (upper, lower) in enumerate(axes.T):
        stop = int(stops[column])
        colour = (GREEN, ORANGE, BLUE)[column]
        upper.plot(time, series[column, 0], color="0.8", lw=1)
        upper.plot(time[:stop], series[column, 0, :stop], color=colour, lw=1.8)
        upper.set_title(f"a {labels[column]}, after {stop} of 128 points", fontsize=10)
        seen = points <= stop
        lower.plot(points, line, color="0.4", ls="--", lw=1, label="certain enough")
        lower.plot(points[seen], odds[seen, column], "o-", color=colour, ms=4)
        lower.set_xlabel("time point")
        for axis in (upper, lower):
            axis.axvline(stop, color="0.4", lw=0.8)
    axes[0, 0].set_ylabel("series")
    axes[1, 0].set_ylabel("certainty (log-odds)")
    axes[1, 2].legend(frameon=False, fontsize=9, loc="upper right")
    _save(figure, "decisions")


def draw_series(name: str, random: np.random.Generator) -> np.ndarray:
    """Draw a cylinder, bell or funnel (Saito 1994), as it is defined: not normalised."""
    start, length = random.integers(16, 33), random.integers(32, 97)
    rise = (np.arange(128) - start) / length
    shape = {"cylinder": np.ones(128), "bell": rise, "funnel": 1 - rise}[name]
    return (6 + random.normal()) * shape * ((rise >= 0) & (rise <= 1)) + random.normal(size=128)


def draw_kernel() -> None:
    """Draw what one random kernel tells of a prefix: how often its output is above a bias."""
    X, _ = load_gunpoint(split="train")
    weights = np.array([-1.0, -1, 2, -1, -1, 2, -1, -1, 2])
    dilation, bias = 4, 0.6
    figure, axes = plt.subplots(3, 1, figsize=(7, 5), sharex=True, layout="constrained")
    time = np.arange(1, 151)
    for case, colour in ((0, BLUE), (2, ORANGE)):
        series = X[case, 0]
        padded = np.concatenate([np.zeros(8 * dilation), series])
        output = sum(w * padded[k * dilation :][:150] for k, w in enumerate(weights))
        above = output > bias
        axes[0].plot(time, series, color=colour)
        axes[1].plot(time, output, color=colour, lw=1)
        axes[2].plot(time, above.cumsum() / time, color=colour)
    axes[1].axhline(bias, color="0.4", ls="--", lw=1)
    axes[0].set_ylabel("two series")
    axes[1].set_ylabel("kernel's output")
    axes[2].set(ylabel="share above\nthe bias so far", xlabel="time point", ylim=(0, 0.6))
    figure.align_ylabels(axes)
    _save(figure, "kernel")


def draw_distillation() -> None:
    """Draw who sees what: teacher, prior, student."""
    figure, axis = plt.subplots(figsize=(9, 3.7), layout="constrained")
    axis.set(xlim=(0, 18), ylim=(0, 7))
    axis.axis("off")
    boxes = {
        "complete\nseries": (0.2, 4.6, "0.93"), "teacher\n(trained first)": (3.9, 4.6, "#d7e8f4"),
        "diffusion prior of\nteacher features": (8.0, 4.6, "#d7e8f4"),
        "first part\nof the series": (0.2, 0.8, "0.93"), "student": (3.9, 0.8, "#fbe0cc"),
        "drawn feature ẑ": (8.0, 2.45, "#e3f3ec"), "the student's\nhead": (12.3, 2.45, "#fbe0cc"),
        "label": (15.6, 2.45, "0.93"),
    }  # fmt: skip
    widths = {"diffusion prior of\nteacher features": 3.6, "drawn feature ẑ": 3.6, "label": 2.0}
    for text, (x, y, colour) in boxes.items():
        width = widths.get(text, 2.8)
        axis.add_patch(FancyBboxPatch((x, y), width, 1.4, boxstyle="round,pad=0.08", fc=colour,
                                      ec="0.4", lw=0.8))  # fmt: skip
        axis.text(x + width / 2, y + 0.7, text, ha="center", va="center", fontsize=10)
    arrows = [
        ((3.1, 5.3), (3.8, 5.3), "0.3"), ((6.8, 5.3), (7.9, 5.3), BLUE),
        ((9.8, 4.5), (9.8, 3.95), BLUE), ((3.1, 1.5), (3.8, 1.5), "0.3"),
        ((6.8, 1.9), (7.9, 2.7), ORANGE), ((11.7, 3.15), (12.2, 3.15), GREEN),
        ((15.2, 3.15), (15.5, 3.15), GREEN),
    ]  # fmt: skip
    for start, end, colour in arrows:
        axis.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.6})
    axis.annotate("", (13.7, 2.35), (6.8, 1.1), arrowprops={
        "arrowstyle": "->", "color": ORANGE, "lw": 1.6, "connectionstyle": "arc3,rad=0.3"
    })  # fmt: skip
    axis.text(11.6, 0.35, "its own feature, in use", color=ORANGE, fontsize=9)
    axis.text(10.0, 4.1, "draws", color=BLUE, fontsize=9)
    axis.text(7.0, 2.65, "starts from", color=ORANGE, fontsize=9, rotation=32)
    _save(figure, "distillation")


def _save(figure: plt.Figure, name: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    # neither dates nor random names, so that the same picture is the same file
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(IMAGES / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    draw_decisions()
    draw_kernel()
    draw_distillation()
