"""Files of ours: sealed, atomic, without code."""

from gdpd_sklearn.persistence._atomic import check_path, replacing, write_atomically
from gdpd_sklearn.persistence._parts import UnknownPart, name_of, own_parts, part_kind
from gdpd_sklearn.persistence._plain import Kind, Unwritable, pack, unpack
from gdpd_sklearn.persistence._sealed import (
    FORMAT,
    Content,
    check_format,
    naming,
    read_sealed,
    seal,
    unseal,
    write_sealed,
)
from gdpd_sklearn.persistence._stamp import check_stamp, stamped

__all__ = [
    "FORMAT",
    "Content",
    "Kind",
    "UnknownPart",
    "Unwritable",
    "check_format",
    "check_path",
    "check_stamp",
    "name_of",
    "naming",
    "own_parts",
    "pack",
    "part_kind",
    "read_sealed",
    "replacing",
    "seal",
    "stamped",
    "unpack",
    "unseal",
    "write_atomically",
    "write_sealed",
]
