"""What is written in tsml's format, aeon reads back."""

import numpy as np
import pytest
from aeon.benchmarking.results_loaders import NAME_ALIASES, get_estimator_results

from benchmarks._tsml import summarise_tsml_results, write_tsml_results


def write(folder, **changes):
    given = {
        "estimator": "GDPD-0.5", "data_set": "GunPoint", "resample": 0, "split": "test",
        "y_true": [0, 1, 1, 0, 2], "y_pred": [0, 1, 0, 0, 2],
        "probabilities": np.eye(3)[[0, 1, 0, 0, 2]], "parameters": "{'seed':\n 0}",
        "fit_milliseconds": 12.5, "predict_milliseconds": 3.0, "n_classes": 3,
    }  # fmt: skip
    return write_tsml_results(folder, **given | changes)


def test_the_file_has_the_format(tmp_path):
    path = write(tmp_path)
    assert path == tmp_path / "GDPD-0.5" / "Predictions" / "GunPoint" / "testResample0.csv"
    first, second, third, *cases = path.read_text().splitlines()
    assert first.split(",")[:5] == ["GunPoint", "GDPD-0.5", "TEST", "0", "MILLISECONDS"]
    assert second == "{'seed':  0}"
    assert third.split(",")[:6] == ["0.8", "12.5", "3.0", "-1", "-1", "3"]
    assert cases[2] == "1,0,,1.0,0.0,0.0"
    assert len(cases) == 5
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_aeon_reads_the_accuracy_back(tmp_path, monkeypatch):
    monkeypatch.setitem(NAME_ALIASES, "GDPD-0.5", [])
    write(tmp_path)
    write(tmp_path, resample=1, y_pred=[0, 1, 1, 0, 2])
    write(tmp_path, data_set="CBF", y_pred=[1, 0, 0, 1, 0])
    write(tmp_path, data_set="CBF", resample=1)
    summarise_tsml_results(tmp_path, "GDPD-0.5")
    read = get_estimator_results("GDPD-0.5", path=str(tmp_path))
    assert read == {"GDPD-0.5": {"GunPoint": 0.8, "CBF": 0.0}}
    both = get_estimator_results("GDPD-0.5", ["GunPoint"], num_resamples=2, path=str(tmp_path))
    assert both["GDPD-0.5"]["GunPoint"].tolist() == [0.8, 1.0]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"split": "valid"}, "split='valid'"),
        ({"data_set": "../x"}, "data_set='../x'"),
        ({"estimator": "a,b"}, "estimator='a,b'"),
        ({"y_true": ["1", "2", "2", "1", "3"]}, "y_true of shape"),
        ({"y_pred": [1, 2, 1, 1, 3]}, "y_pred holds codes from 1 to 3"),
        ({"n_classes": 4}, "n_classes=4"),
    ],
)
def test_bad_input_is_named(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        write(tmp_path, **changes)
    assert not list(tmp_path.iterdir())


def test_summary_without_results_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="Nobody"):
        summarise_tsml_results(tmp_path, "Nobody")
