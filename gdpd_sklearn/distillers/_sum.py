"""Several methods at once: the sum of their transfer terms."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any, ClassVar, Self

import torch
from sklearn.base import BaseEstimator, clone
from torch import Tensor, nn

from gdpd_sklearn.diffusion import DiffusionPrior
from gdpd_sklearn.distillers._base import (
    DistillationBatch,
    Distiller,
    FeatureShape,
    Progress,
    Stage,
)
from gdpd_sklearn.networks import NetworkOutput

__all__ = ["Sum", "SumAdapter"]


class SumAdapter(nn.Module):
    """Adapters of the parts, and how many random tensors belong to each.

    Parameters
    ----------
    adapters : list of nn.Module
    n_noise : tuple of int
    """

    def __init__(self, adapters: list[nn.Module], n_noise: tuple[int, ...]) -> None:
        super().__init__()
        self.adapters = nn.ModuleList(adapters)
        self.n_noise = n_noise


class Sum(Distiller):
    """Add up the transfer terms of several methods, each with its own weight and stages.

    Parameters
    ----------
    *parts : Distiller
        At least one; at most one of them may learn a prior.

    Notes
    -----
    - Transfer: the sum over parts of ``stage.transfer · loss``; a part of weight 0 rests.
    - Task: the product of the parts' ``stage.task``, so that a part that wants to be without labels
      for a stage, as FitNets does, gets it. The other parts go on in that stage.
    - Selection: in epochs in which every part selects.
    - Prior: that of the part that has one.

    Parts are parameters, named after their class in lower case (``kd``, ``gdpd``), with a number
    where a class is there twice (``kd_1``, ``kd_2``): ``Sum(KD(), GDPD())`` has ``kd__weight`` and
    ``gdpd__warmup``. A part that is replaced by one of another class changes its name accordingly.

    Examples
    --------
    >>> from gdpd_sklearn.distillers import GDPD, KD, Sum
    >>> both = Sum(KD(), GDPD()).set_params(kd__temperature=4.0, gdpd__weight=0.1)
    >>> both
    Sum(KD(temperature=4.0), GDPD(weight=0.1))
    """

    # the weights of the parts are inside of the loss
    schedule_parameters: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *parts: Distiller) -> None:
        self.parts = parts

    # -- parameters: scikit-learn reads them from the signature, which has no names here

    def _named_parts(self) -> dict[str, Distiller]:
        names = [type(part).__name__.lower() for part in self.parts]
        total, seen = Counter(names), Counter[str]()
        named = {}
        for name, part in zip(names, self.parts, strict=True):
            seen[name] += 1
            named[name if total[name] == 1 else f"{name}_{seen[name]}"] = part
        return named

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the parts by name, and if ``deep`` their parameters as ``part__parameter``."""
        params: dict[str, Any] = dict(self._named_parts())
        if deep:
            for name, part in self._named_parts().items():
                if isinstance(part, BaseEstimator):
                    params.update({f"{name}__{k}": v for k, v in part.get_params().items()})
        return params

    def set_params(self, **params: Any) -> Self:
        """Replace parts, or set their parameters by ``part__parameter``.

        Of a single part ``parameter`` will do: one setting of a search may then mean a method by
        itself, and blends of it.
        """
        named = self._named_parts()
        if len(named) == 1:
            ((only, part),) = named.items()
            own = part.get_params() if isinstance(part, BaseEstimator) else {}
            params = {f"{only}__{k}" if k in own else k: v for k, v in params.items()}
        for name in {key.partition("__")[0] for key in params}:
            if name not in named:
                raise ValueError(
                    f"Invalid parameter {name!r} for {self}; valid are the parts {sorted(named)} "
                    f"and their parameters, as part__parameter."
                )
        named.update({key: value for key, value in params.items() if "__" not in key})
        self.parts = tuple(named.values())
        for key, value in params.items():
            name, nested, parameter = key.partition("__")
            if nested:
                named[name].set_params(**{parameter: value})
        return self

    def __sklearn_clone__(self) -> Self:
        # what is no part is copied too: check_parameters says it better than clone
        return type(self)(*(clone(part, safe=False) for part in self.parts))

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.parts))})"

    def check_parameters(self) -> None:
        """Raise a ValueError unless the parts fit together and each is valid by itself."""
        name = type(self).__name__
        if not self.parts:
            raise ValueError(f"{name}() needs at least one part, as in {name}(KD(), GDPD()).")
        for part in self.parts:
            if not isinstance(part, Distiller):
                raise ValueError(f"Part {part!r} of {name} must be an instance of Distiller.")
            part.check_parameters()
            if part.blends:
                raise ValueError(
                    f"Part {part!r} of {name} must not blend; all parts see the same series, as in "
                    f"Blended(KD(), GDPD())."
                )
        owners = [part for part in self.parts if part.uses_prior]
        if len(owners) > 1:
            raise ValueError(f"At most one part of {name} may learn a prior, these do: {owners!r}.")

    # -- what the parts need

    @property
    def uses_teacher(self) -> bool:  # type: ignore[override]
        """Whether any part needs a teacher."""
        return any(part.uses_teacher for part in self.parts)

    @property
    def uses_feature_maps(self) -> bool:  # type: ignore[override]
        """Whether any part reads feature maps."""
        return any(part.uses_feature_maps for part in self.parts)

    @property
    def takes_one_step(self) -> bool:  # type: ignore[override]
        """Whether maps of one step will do for all parts that read any."""
        return all(part.takes_one_step for part in self.parts if part.uses_feature_maps)

    @property
    def uses_logits(self) -> bool:  # type: ignore[override]
        """Whether any part reads the teacher's logits."""
        return any(part.uses_logits for part in self.parts)

    @property
    def uses_prior(self) -> bool:
        """Whether a part learns a prior."""
        return any(part.uses_prior for part in self.parts)

    @property
    def stackable(self) -> bool:  # type: ignore[override]
        """Whether all parts run under ``torch.func.vmap``."""
        return all(part.stackable for part in self.parts)

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make the adapters of all parts."""
        return SumAdapter(
            [part.build_adapter(student, teacher) for part in self.parts],
            # a trial draw with a generator of its own says how many tensors each part draws
            tuple(
                len(part.draw_noise(1, student, teacher, torch.Generator())) for part in self.parts
            ),
        )

    def draw_noise(
        self,
        n_cases: int,
        student: FeatureShape,
        teacher: FeatureShape,
        generator: torch.Generator,
    ) -> tuple[Tensor, ...]:
        """Draw the random numbers of all parts, one part after the other."""
        return tuple(
            tensor
            for part in self.parts
            for tensor in part.draw_noise(n_cases, student, teacher, generator)
        )

    # -- the prior, of the one part that has it

    def build_prior(self, student: FeatureShape, teacher: FeatureShape) -> DiffusionPrior | None:
        """Make the prior of the part that has one."""
        owner = self._prior_owner()
        return None if owner is None else owner.build_prior(student, teacher)

    def prior_loss(
        self, prior: DiffusionPrior, teacher: NetworkOutput, generator: torch.Generator
    ) -> Tensor:
        """Loss of the prior, of the part that has one."""
        owner = self._prior_owner()
        assert owner is not None
        return owner.prior_loss(prior, teacher, generator)

    def _prior_owner(self) -> Distiller | None:
        return next((part for part in self.parts if part.uses_prior), None)

    # -- stages and loss

    def stage(self, progress: Progress) -> Stage:
        """Multiply task weights; transfer 1 while any part does, as weights are in :meth:`loss`."""
        stages = [part.stage(progress) for part in self.parts]
        pairs = zip(self.parts, stages, strict=True)
        return Stage(
            task=math.prod((stage.task for stage in stages), start=1.0),
            transfer=float(any(stage.transfer != 0 for stage in stages)),
            trains_prior=any(part.uses_prior and stage.trains_prior for part, stage in pairs),
            selects=all(stage.selects for stage in stages),
        )

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Weighted sum of the parts' losses, a scalar."""
        assert isinstance(adapter, SumAdapter)
        loss = batch.student.logits.new_zeros(())
        noise = iter(batch.noise)
        for part, part_adapter, n_noise in zip(
            self.parts, adapter.adapters, adapter.n_noise, strict=True
        ):
            part_noise = tuple(next(noise) for _ in range(n_noise))
            weight = part.stage(batch.progress).transfer
            if weight:
                part_batch = replace(batch, noise=part_noise)
                loss = loss + weight * part.loss(part_batch, part_adapter)
        return loss
