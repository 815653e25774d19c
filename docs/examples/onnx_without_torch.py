"""
ONNX, without torch
===================

A device needs neither torch nor aeon to decide early. It needs a graph for each classification
point, and the rule, which is a few lines of numpy.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from aeon.datasets import load_gunpoint

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.export import to_onnx

# %%
# Fit, and write a folder: graphs, and what the rule has learned.
X, y = load_gunpoint(split="train")
X_test, y_test = load_gunpoint(split="test")
early = GDPDEarlyClassifier(classification_points=5, random_state=0).fit(X, y)
folder = Path(tempfile.mkdtemp())
for path in to_onnx(early, folder):
    print(path.name, f"{path.stat().st_size / 1024:.0f} kB")
rule = early.trigger_
known = {
    "points": early.classification_points_, "classes": early.classes_.tolist(),
    "start": rule.start_, "slope": rule.slope_,
}  # fmt: skip
(folder / "rule.json").write_text(json.dumps(known))
np.save(folder / "series.npy", X_test[:40].astype("float32"))

# %%
# The program of the device. The default rule stops when the log-odds of the class that is ahead
# reach a line that falls with time.
program = """
import json, sys
sys.modules["torch"] = sys.modules["aeon"] = None  # as if they were not installed
import numpy as np
import onnxruntime

rule = json.load(open("rule.json"))
graphs = sorted(__import__("pathlib").Path().glob("*.onnx"))
sessions = [onnxruntime.InferenceSession(str(graph)) for graph in graphs]
full = rule["points"][-1]
for case, series in enumerate(np.load("series.npy")):
    for point, session in zip(rule["points"], sessions, strict=True):
        p, code = session.run(None, {"series": series[None, :, :point]})
        best = float(p.max())
        odds = np.log(best / max(1 - best, 1e-12))
        if odds >= rule["start"] - rule["slope"] * point / full or point == full:
            print(case, rule["classes"][code[0]], point)
            break
"""
answer = subprocess.run(
    [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
)
decisions = [line.split() for line in answer.stdout.splitlines()]
print(answer.stdout[:60], "...")

# %%
# The device decides as the classifier does, case by case.
labels, _, stop_times = early.predict_early(X_test[:40])
assert [label for _, label, _ in decisions] == labels.tolist()
assert [int(point) for *_, point in decisions] == stop_times.tolist()

figure, axis = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
right = labels == y_test[:40]
for what, chosen, colour in (("right", right, "#1b9e77"), ("wrong", ~right, "#d95f02")):
    stops = np.array([int(point) for *_, point in decisions])[chosen]
    axis.vlines(np.flatnonzero(chosen), 0, stops, color=colour, lw=3, label=what)
axis.set(xlabel="series", ylabel="points read by the device", ylim=(0, 155))
axis.legend(frameon=False)
plt.show()
