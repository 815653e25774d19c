"""Sealed files: what was changed is refused."""

import hashlib
import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from gdpd_sklearn import __version__
from gdpd_sklearn.persistence import FORMAT, read_sealed, seal, unseal, write_sealed
from gdpd_sklearn.persistence._sealed import naming

ABOUT = {"text": 'quotes "digest":"x" and ∂', "numbers": [1, 2.5, None, True]}
ARRAYS = {
    "f": np.linspace(0, 1, 7, dtype=np.float32),
    "big-endian": np.arange(5, dtype=">i8"),
    "strided": np.arange(12.0).reshape(3, 4).T,
    "none": np.empty((0, 3)),
    "one": np.array(True),
}


def test_content_comes_back(tmp_path):
    write_sealed(tmp_path / "file", "Thing", ABOUT, ARRAYS)
    about, arrays = read_sealed(str(tmp_path / "file"), "Thing")
    assert about == ABOUT
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].shape == array.shape


def test_other_tools_can_read_it_and_take_the_digest():
    data = seal("Thing", ABOUT, ARRAYS)
    np.testing.assert_array_equal(load(data)["f"], ARRAYS["f"])
    length = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    assert metadata["gdpd_sklearn"] == "Thing"
    assert metadata["format"] == str(FORMAT)
    assert metadata["version"] == __version__
    digest = metadata["digest"].encode()
    assert data.count(digest) == 1
    assert hashlib.sha256(data.replace(digest, b"0" * 64)).hexdigest() == digest.decode()


def test_every_changed_byte_is_refused():
    data = seal("Thing", {"a": 1}, {"f": np.arange(3.0)})
    for place in range(len(data)):
        for change in (1, 128):
            changed = bytearray(data)
            changed[place] ^= change
            with pytest.raises(ValueError, match=r"^here "):
                unseal(bytes(changed), "Thing", "here")


def test_every_shorter_and_longer_file_is_refused():
    data = seal("Thing", {"a": 1}, {"f": np.arange(3.0)})
    for length in range(len(data)):
        with pytest.raises(ValueError, match=r"^here "):
            unseal(data[:length], "Thing", "here")
    for more in (b"\0", b"x" * 8, data):
        with pytest.raises(ValueError, match=r"^here "):
            unseal(data + more, "Thing", "here")


def test_another_kind_and_a_newer_format_are_told(tmp_path):
    path = tmp_path / "file"
    write_sealed(path, "Thing", {}, {})
    with pytest.raises(ValueError, match=r"path=.*file' holds a Thing, not a Stone.*Thing\.load"):
        read_sealed(path, "Stone")
    newer = path.read_bytes().replace(b'"format":"1"', b'"format":"2"')
    path.write_bytes(newer)
    with pytest.raises(ValueError, match=r"format 2.*reads up to 1.*newer version"):
        read_sealed(path, "Thing")


@pytest.mark.parametrize(
    "metadata",
    [
        None, {}, {"format": "1"}, {"gdpd_sklearn": "Thing", "format": "one"},
        {"gdpd_sklearn": "Thing", "format": ""}, {"gdpd_sklearn": "Thing", "format": "9" * 5000},
    ],
    ids=lambda metadata: str(metadata)[:40],
)  # fmt: skip
def test_files_of_others_are_told(metadata):
    with pytest.raises(ValueError, match=r"here is not a file written by gdpd_sklearn"):
        unseal(save({"w": np.zeros(2)}, metadata), "Thing", "here")


def test_without_a_digest_nothing_is_believed():
    metadata = {"gdpd_sklearn": "Thing", "format": "1", "about": "{}"}
    for digest in ({}, {"digest": "0" * 64}, {"digest": "short"}):
        with pytest.raises(ValueError, match=r"here is damaged"):
            unseal(save({"w": np.zeros(2)}, metadata | digest), "Thing", "here")


@pytest.mark.parametrize(
    "header",
    [
        b"", b"{", b"[]", b"3", b"null", b'"x"', b"[" * 100_000, b'{"__metadata__":3}',
        b'{"__metadata__":[]}', b'{"__metadata__":{"gdpd_sklearn":1,"format":"1"}}',
        b'{"__metadata__":{"gdpd_sklearn":"Thing","format":1}}', b"\xff\xfe", b'{"a":NaN}',
    ],
    ids=lambda header: repr(header[:30]),
)  # fmt: skip
def test_odd_headers_are_refused(header):
    with pytest.raises(ValueError, match=r"^here is"):
        unseal(len(header).to_bytes(8, "little") + header, "Thing", "here")


@pytest.mark.parametrize("length", [2**63, 2**62, 2**40, 9])
def test_a_header_longer_than_the_file_costs_nothing(length):
    with pytest.raises(ValueError, match=r"here is no safetensors file, or is damaged"):
        unseal(length.to_bytes(8, "little") + b"{}", "Thing", "here")


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_sealed(tmp_path / "none", "Thing")
    for path in (tmp_path, "/dev/zero"):
        with pytest.raises(ValueError, match=r"path=.* is no file"):
            read_sealed(path, "Thing")
    with pytest.raises(TypeError, match="path=None"):
        read_sealed(None, "Thing")


def test_nan_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_sealed(tmp_path / "file", "Thing", {"a": float("nan")}, {})
    assert not (tmp_path / "file").exists()


def test_what_a_strangers_values_lead_to_names_the_file():
    for error in (KeyError("x"), OverflowError("y"), RecursionError("z")):
        with pytest.raises(ValueError, match=r"path='there' is damaged") as caught, naming("there"):
            raise error
        assert caught.value.__cause__ is error
