"""Where tensors live: ``"auto"`` is resolved when used and never stored."""

from __future__ import annotations

import torch

__all__ = ["resolve_device", "sized_for"]


def sized_for(device: torch.device, *, cpu: int, gpu: int) -> int:
    """Choose how much to have in hand at once.

    A core is fast on what its cache holds; a GPU wants as much as its memory does not mind.
    """
    return cpu if device.type == "cpu" else gpu


def resolve_device(device: str | torch.device) -> torch.device:
    """Turn the parameter ``device`` into a torch device that exists on this machine.

    Parameters
    ----------
    device : str or torch.device
        ``"auto"`` takes CUDA, else Apple's MPS, else the CPU; anything else is torch's own name.

    Raises
    ------
    ValueError
        If torch knows no such device, or this machine has none.
    """
    if isinstance(device, str) and device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    try:
        resolved = torch.device(device)
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"device={device!r} is no torch device; use 'auto', 'cpu', 'cuda', 'cuda:0' or 'mps'."
        ) from error
    if resolved.type == "meta":
        raise ValueError(f"device={device!r} holds no numbers; use 'auto' or 'cpu'.")
    available = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not available.get(resolved.type, True):
        raise ValueError(
            f"device={device!r} is not available on this machine; use 'auto' or 'cpu'."
        )
    return resolved
