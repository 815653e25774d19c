"""
A table of sensor readings: gaps, unequal lengths, uneven times, text labels
============================================================================

Twenty minutes of a machine tell whether it is about to fail. The table has a row for each reading,
in no order; some readings failed, some machines were switched off early, and clocks are uneven.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.data import from_long

# %%
# Such a table, written as a file. Of a machine that fails the heat rises from the fifth minute on.
random = np.random.default_rng(0)
rows = []
for machine in range(120):
    fails = machine % 3 == 0
    for minute in range(random.integers(16, 25)):
        heat = 60 + random.normal() + (1.5 * max(0, minute - 5) if fails else 0)
        current = 4 + np.sin(minute / 3) + 0.2 * random.normal()
        heat, current = (np.nan if random.random() < 0.1 else each for each in (heat, current))
        rows.append((f"M{machine:03d}", minute + random.uniform(0, 0.9), current, heat,
                     "fails" if fails else "runs"))  # fmt: skip
columns = ["machine", "minute", "current", "heat", "verdict"]
path = Path(tempfile.mkdtemp()) / "machines.csv"
pd.DataFrame(rows, columns=columns).sample(frac=1, random_state=0).to_csv(path, index=False)

# %%
# From the file to decisions.
frame = pd.read_csv(path)
series = from_long(frame, case="machine", time="minute", label="verdict", step=1, start=0)
X, X_test, y, y_test = train_test_split(series.X, series.y, stratify=series.y, random_state=0)
clf = GDPDEarlyClassifier(random_state=0).fit(X, y)
print(series.channels, clf.score(X_test, y_test))
labels, probabilities, stop_times = clf.predict_early(X_test)

# %%
# A stream answers minute by minute; what was not measured is NaN.
stream = clf.stream()
for minute, point in enumerate(X_test[0].T, 1):
    decision = stream.push("M900", point)
    if decision:
        print(f"minute {minute}: {decision.label}")
        break

# %%
# The heat of ten machines up to their decisions, of which a dot marks the end.
figure, axis = plt.subplots(figsize=(6.5, 3.5), layout="constrained")
for machine, label, stop in list(zip(X_test, labels, stop_times, strict=True))[:10]:
    colour = "#d95f02" if label == "fails" else "#1b6ca8"
    axis.plot(np.arange(1, stop + 1), machine[1, :stop], color=colour, lw=1.2)
    axis.plot(stop, np.nan_to_num(machine[1, stop - 1], nan=60.0), "o", color=colour)
axis.set(xlabel="minute", ylabel="heat", title="decided as: runs (blue), fails (orange)")
plt.show()
