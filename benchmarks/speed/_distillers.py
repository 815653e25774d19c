"""What a distillation method costs beside plain supervised training of the same student."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from benchmarks.speed._memory import peak_bytes
from benchmarks.speed._turns import Spread, in_child, measure_pair
from benchmarks.speed._workload import Workload
from gdpd_sklearn.distillers import DISTILLERS, Distiller
from gdpd_sklearn.networks import ARCHITECTURES

__all__ = ["FULL", "QUICK", "Costs", "Settings", "costs_of", "distiller_table", "distiller_tables"]

# A warm-up of so many epochs is not over within the measurement.
_NEVER_OVER = 10**6


class Settings(NamedTuple):
    """Sizes of the measurement with one student (an architecture by name)."""

    student: str
    n_cases: int
    n_timepoints: int
    batch_size: int
    n_repeats: int
    n_rounds: int
    methods: tuple[str, ...] = tuple(DISTILLERS)


# more series for fast students, so that an epoch is long beside the change of turns
FULL = (
    Settings("lstm3-100", 128, 100, 64, n_repeats=2, n_rounds=2),
    Settings("fcn", 256, 100, 64, n_repeats=2, n_rounds=6),
    Settings("lstm1-8", 1024, 100, 64, n_repeats=3, n_rounds=8),
)
QUICK = (Settings("lstm1-8", 16, 12, 8, n_repeats=1, n_rounds=1, methods=("none", "kd", "gdpd")),)


class Costs(NamedTuple):
    """Costs of methods with one student, each divided by that of ``none``.

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


def stages(methods: Iterable[str] = DISTILLERS) -> dict[str, Distiller]:
    """Give methods by name; a staged one twice, as it is before and after its warm-up."""
    rows: dict[str, Distiller] = {}
    for name in methods:
        make = DISTILLERS[name]
        if "warmup" in make().get_params():
            rows[f"{name}, phase 1"] = make().set_params(warmup=_NEVER_OVER)
            # the first epoch, which is not measured, lets a prior learn as in a real training
            rows[f"{name}, phase 2"] = make().set_params(warmup=1)
        else:
            rows[name] = make()
    return rows


def costs_of(settings: Settings) -> Costs:
    """Measure methods with one student, whose architecture is the teacher's too."""
    workload = Workload.prepare(
        ARCHITECTURES[settings.student](),
        settings.n_cases,
        settings.n_timepoints,
        settings.batch_size,
    )
    reference = partial(workload.train, DISTILLERS["none"]())
    times, peaks, seconds = {}, {}, []
    for name, distiller in stages(settings.methods).items():
        train = partial(workload.train, distiller)
        ratios, of_none = measure_pair(train, reference, settings.n_repeats, settings.n_rounds)
        times[name] = Spread.of(ratios)
        seconds += of_none
        peak = in_child(partial(peak_bytes, partial(train, 2)))
        peaks[name] = workload.held_bytes(distiller) + peak
    memory = {name: peak / peaks["none"] for name, peak in peaks.items()}
    return Costs(Spread.of(seconds), peaks["none"], times, memory)


def distiller_tables(quick: bool) -> str:
    """Measure all methods with a few students, or, quickly, some methods with one."""
    settings = QUICK if quick else FULL
    cases = ", ".join(f"{each.n_cases} with {each.student}" for each in settings)
    return (
        f"## What a distillation method costs\n\n"
        f"Cost of an epoch beside `none`: univariate series of {settings[0].n_timepoints} points "
        f"({cases}), batches of {settings[0].batch_size}, half of each series seen, teacher of the "
        f"student's architecture.\n\n"
        f"{distiller_table({each.student: costs_of(each) for each in settings})}"
    )


def distiller_table(costs: Mapping[str, Costs]) -> str:
    """Write the costs, by student, as a markdown table: a row for each method and stage."""
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
