"""Damage to files, as copies, disks and people do it."""

import os

import numpy as np

__all__ = ["N_CORRUPTIONS", "corrupted"]

N_CORRUPTIONS = int(os.environ.get("GDPD_CORRUPTIONS", "200"))
"""How many are tried of each kind of file; 2000 take some minutes."""


def corrupted(data, n, seed):
    """Give ``n`` other contents: flipped, cut, extended, moved, with holes."""
    rng = np.random.default_rng(seed)
    ways = [_flip, _flip_in_the_head, _cut, _extend, _hole, _swap, _insert, _drop, _overwrite]
    given = 0
    while given < n:
        changed = ways[given % len(ways)](bytearray(data), rng)
        if bytes(changed) != data:
            yield bytes(changed)
            given += 1


def _flip(data, rng):
    for place in rng.integers(len(data), size=rng.integers(1, 4)):
        data[place] ^= 1 << rng.integers(8)
    return data


def _flip_in_the_head(data, rng):
    data[rng.integers(min(4096, len(data)))] ^= 1 << rng.integers(8)
    return data


def _cut(data, rng):
    return data[: rng.integers(len(data))]


def _extend(data, rng):
    return data + rng.bytes(rng.integers(1, 64))


def _hole(data, rng):
    start, size = rng.integers(len(data)), int(rng.integers(1, 2048))
    data[start : start + size] = bytes(len(data[start : start + size]))
    return data


def _swap(data, rng):
    size = int(rng.integers(1, 512))
    one, other = sorted(rng.integers(max(1, len(data) - size), size=2))
    if other >= one + size:
        part = data[one : one + size]
        data[one : one + size] = data[other : other + size]
        data[other : other + size] = part
    return data


def _insert(data, rng):
    place = int(rng.integers(len(data)))
    return data[:place] + rng.bytes(rng.integers(1, 16)) + data[place:]


def _drop(data, rng):
    place = int(rng.integers(len(data)))
    return data[:place] + data[place + int(rng.integers(1, 16)) :]


def _overwrite(data, rng):
    start = int(rng.integers(len(data)))
    size = min(int(rng.integers(1, 256)), len(data) - start)
    data[start : start + size] = rng.bytes(size)
    return data
