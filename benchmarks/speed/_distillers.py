"""What a distillation method costs beside plain supervised training of the same student."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from benchmarks.speed._memory import peak_bytes
from benchmarks.speed._turns import Spread, Training, measure_ratios, n_reference_epochs
from benchmarks.speed._workload import Workload
from gdpd_sklearn.distillers import DISTILLERS, Distiller
from gdpd_sklearn.networks import ARCHITECTURES

__all__ = ["FULL", "QUICK", "Costs", "Settings", "costs_of", "distiller_table"]

# A warm-up of so many epochs is not over within the measurement.
_NEVER_OVER = 10**6


@dataclass(frozen=True)
class Settings:
    """Sizes of the measurement; ``students`` are names of architectures with their rounds."""

    students: Mapping[str, int]
    n_cases: int
    n_timepoints: int
    batch_size: int


FULL = Settings({"lstm3-100": 5, "fcn": 25, "lstm1-8": 25}, 192, 100, 64)
QUICK = Settings({"lstm1-8": 1, "fcn": 1}, 16, 12, 8)


class Costs(NamedTuple):
    """Costs of all methods with one student, each divided by that of ``none``.

    Attributes
    ----------
    seconds : Spread
        CPU time of an epoch of ``none``.
    bytes : int
        Peak of tensors in an epoch of ``none``.
    time : dict of str to Spread
    memory : dict of str to float
    """

    seconds: Spread
    bytes: int
    time: dict[str, Spread]
    memory: dict[str, float]


def stages() -> dict[str, Distiller]:
    """Give every method by name; a staged one twice, as it is before and after its warm-up."""
    rows: dict[str, Distiller] = {}
    for name, make in DISTILLERS.items():
        if "warmup" in make().get_params():
            rows[f"{name}, phase 1"] = make().set_params(warmup=_NEVER_OVER)
            # the first epoch, which is not measured, lets a prior learn as in a real training
            rows[f"{name}, phase 2"] = make().set_params(warmup=1)
        else:
            rows[name] = make()
    return rows


def costs_of(student: str, settings: Settings) -> Costs:
    """Measure all methods with one student.

    Parameters
    ----------
    student : str
        Name of the architecture, the teacher's too.
    settings : Settings
    """
    workload = Workload.prepare(
        ARCHITECTURES[student](), settings.n_cases, settings.n_timepoints, settings.batch_size
    )
    rows, n_rounds = stages(), settings.students[student]
    bytes_of = {
        name: workload.held_bytes(distiller) + peak_bytes(partial(workload.train, distiller, 2))
        for name, distiller in rows.items()
    }
    n_epochs = n_reference_epochs(len(rows), n_rounds)
    reference = Training(partial(workload.train, DISTILLERS["none"](), n_epochs))
    trainings = {
        name: Training(partial(workload.train, distiller, 1 + n_rounds))
        for name, distiller in rows.items()
    }
    seconds, time = measure_ratios(reference, trainings, n_rounds)
    none = bytes_of["none"]
    return Costs(seconds, none, time, {name: peak / none for name, peak in bytes_of.items()})


def distiller_table(costs: Mapping[str, Costs]) -> str:
    """Write the costs as a markdown table, a row for each method and stage."""
    head = ["method"]
    for student in costs:
        head += [f"{student}: time", "quartiles", "memory"]
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    reference = ["*`none` itself*"]
    for cost in costs.values():
        low, median, high = (1e3 * seconds for seconds in cost.seconds)
        reference += [
            f"{median:.3g} ms",
            f"{low:.3g} – {high:.3g}",
            f"{cost.bytes / 2**20:.3g} MiB",
        ]
    lines.append(reference)
    for name in next(iter(costs.values())).time:
        line = [name]
        for cost in costs.values():
            low, median, high = cost.time[name]
            line += [f"{median:.2f}", f"{low:.2f} – {high:.2f}", f"{cost.memory[name]:.2f}"]
        lines.append(line)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
