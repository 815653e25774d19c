"""Randomness that stays inside: no fit or predict touches a global random state.

One ``random_state`` of the user is spread over named streams. A stream depends on its name and
the root seed alone, so a new consumer of randomness does not shift the others: a teacher is the
same whatever the student or the distiller (which is what makes it cacheable).
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import torch
from sklearn.utils import check_random_state

__all__ = ["root_seed", "stream_seed", "torch_generator"]


def root_seed(random_state: Any) -> int:
    """Draw the one integer from which all streams of a fit are derived.

    An int always gives the same root; a ``RandomState`` is advanced by one draw; ``None`` is
    different each time. numpy's global state is read for ``None`` only through a fresh,
    operating-system seeded generator, hence never changed.
    """
    if random_state is None:
        return int(np.random.default_rng().integers(2**31 - 1))
    return int(check_random_state(random_state).randint(2**31 - 1))


def stream_seed(root: int, name: str) -> int:
    """Derive the seed of the stream ``name`` from the root seed."""
    sequence = np.random.SeedSequence([root, zlib.crc32(name.encode())])
    return int(sequence.generate_state(1, np.uint32)[0])


def torch_generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """Make a generator of its own, on ``device``."""
    generator = torch.Generator(device=device)
    generator.manual_seed(seed)
    return generator
