"""What a cache of joblib kept, believed only if it is what was put there."""

from __future__ import annotations

import functools
import hashlib
import pickle
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from joblib import Memory

__all__ = ["recall"]

T = TypeVar("T")


class _Kept(NamedTuple):
    """A result as a cache holds it; ``digest`` is of the pickled result, None of any other."""

    result: Any
    digest: str | None


def recall(memory: Memory, function: Callable[..., T], ignore: Sequence[str]) -> Callable[..., T]:
    """Let a cache remember a function; what was damaged there is computed anew, with a warning.

    joblib has no checksum: a changed byte in the file of a teacher would be another teacher.

    Parameters
    ----------
    memory : joblib.Memory
        One without a folder remembers nothing.
    function : callable
        Of a module's own, pure.
    ignore : sequence of str
        Arguments that the result does not depend on.
    """
    if memory.store_backend is None:
        return function

    @functools.wraps(function)
    def keeping(*args: Any, **kwargs: Any) -> _Kept:
        return _keep(function(*args, **kwargs))

    remembered = memory.cache(keeping, ignore=list(ignore))

    def recalling(*args: Any, **kwargs: Any) -> T:
        # joblib itself computes anew what does not open at all
        kept = remembered(*args, **kwargs)
        try:
            return _open(kept)
        except ValueError as error:
            warnings.warn(
                f"memory={memory.location!r} holds a damaged {function.__name__}, which is "
                f"computed anew: {error}.",
                stacklevel=2,
            )
        remembered.call_and_shelve(*args, **kwargs).clear()
        return _open(remembered(*args, **kwargs))

    return recalling


def _keep(result: Any) -> _Kept:
    try:
        pickled = pickle.dumps(result)
    except Exception:  # a user's part that joblib may pickle or not
        return _Kept(result, None)
    return _Kept(pickled, hashlib.sha256(pickled).hexdigest())


def _open(kept: Any) -> Any:
    if not isinstance(kept, _Kept) or (kept.digest is not None and type(kept.result) is not bytes):
        raise ValueError(f"it is a {type(kept).__name__}")
    if kept.digest is None:
        return kept.result
    if hashlib.sha256(kept.result).hexdigest() != kept.digest:
        raise ValueError("its content is not what its digest was taken of")
    return pickle.loads(kept.result)
