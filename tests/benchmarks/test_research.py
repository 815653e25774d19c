import numpy as np
import pytest
import torch
from synthetic import make_series, write_split
from torch.nn.functional import mse_loss

from benchmarks._cells import run_cells
from benchmarks._data import DEV_8, UCR_12, UEA_12
from benchmarks.research.__main__ import compute, few_cases, report
from benchmarks.research._variants import VARIANTS, ConditionalDenoiser, FeatureRegression
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.distillers import DistillationBatch, FeatureShape, Progress
from gdpd_sklearn.networks import NetworkOutput


def test_development_sets_are_in_no_table():
    assert not set(DEV_8) & {*UCR_12, *UEA_12}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_trains(name):
    X, y = make_series(16)
    clf = GDPDClassifier(
        n_epochs=4, student="lstm1-8", teacher="lstm1-8", random_state=0, **VARIANTS[name]
    ).fit(X, y)
    assert np.isfinite(clf.history_.filter(like="loss").to_numpy()).all()


def batch_of(noise=()):
    generator = torch.Generator().manual_seed(0)
    z_short, z_long = (torch.randn(6, d, generator=generator) for d in (4, 3))
    logits = torch.zeros(6, 2)
    return DistillationBatch(
        student=NetworkOutput(z_short[..., None], z_short, logits),
        teacher=NetworkOutput(z_long[..., None], z_long, logits),
        target=torch.zeros(6, dtype=torch.int64), task_loss=lambda each: each.sum(),
        student_head=torch.nn.Identity(), prior=None, noise=noise, progress=Progress(1, 2),
    )  # fmt: skip


def test_feature_regression_is_a_regression_of_standard_scores():
    batch, adapter = batch_of(), torch.nn.Linear(4, 3)
    z = batch.teacher.pooled
    scores = torch.stack([(z[:, d] - z[:, d].mean()) / (z[:, d].std() + 1e-3) for d in range(3)], 1)
    expected = mse_loss(adapter(batch.student.pooled), scores)
    torch.testing.assert_close(FeatureRegression().loss(batch, adapter), expected)


def test_conditional_denoiser_sees_the_clean_features_without_noise_and_nothing_at_full_noise():
    shapes = FeatureShape(4, 1, 2), FeatureShape(3, 1, 2)
    adapter = ConditionalDenoiser().build_adapter(*shapes)
    seen = []
    adapter.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    noise = torch.full((6, 3), 7.0)
    for level in (0.0, 1.0):
        ConditionalDenoiser().loss(batch_of((noise, torch.full((6, 1), level))), adapter)
    clean, noisy = (inputs[:, 4:7] for inputs in seen)
    assert clean.std(0).sub(1).abs().max() < 0.01
    torch.testing.assert_close(noisy, noise, atol=1e-5, rtol=0)


def test_cells_and_report(tmp_path, capsys):
    for split in ("TRAIN", "TEST"):
        write_split(tmp_path / "data", "Waves", split, *make_series(24))
    X, y = few_cases("Waves", "train", 12, str(tmp_path / "data"))
    assert len(X) == 12
    assert len(set(y)) == len(set(make_series(24)[1]))
    cell = {"set": "Waves", "student": "lstm1-8", "teacher": "own", "earliness": 0.5,
            "n_train": 24, "n_test": 24, "seed": 0}  # fmt: skip
    cells = [{**cell, "variant": variant} for variant in ("none", "kd")]
    run_cells(
        lambda each: compute(each, str(tmp_path / "data"), str(tmp_path / "memory")),
        cells, tmp_path / "out", 1,
    )  # fmt: skip
    report(tmp_path / "out")
    text = capsys.readouterr().out
    assert "lstm1-8 students, teacher own: 1 sets, earliness [0.5], up to 1 seeds" in text
    assert "| none " in text
    assert "| kd " in text


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(ValueError, match="holds no result"):
        report(tmp_path)


def test_a_report_shows_cells_shares_and_sets(tmp_path, capsys):
    figures = {
        ("A", 0.2): {"none": (50.0, 54.0), "kd": (55.0, 61.0)},
        ("B", 0.2): {"none": (70.0, 70.0), "kd": (66.0, 70.0)},
        ("B", 0.8): {"none": (90.0, 90.0), "kd": (91.0, 91.0)},
    }
    known = {
        (name, earliness, variant, seed): scores[seed]
        for (name, earliness), variants in figures.items()
        for variant, scores in variants.items()
        for seed in (0, 1)
    }
    cells = [
        {"set": name, "earliness": earliness, "variant": variant, "seed": seed,
         "student": "lstm", "teacher": "own"}
        for name, earliness, variant, seed in known
    ]  # fmt: skip
    names = ("set", "earliness", "variant", "seed")
    run_cells(
        lambda cell: {"auc_prc": known[tuple(cell[name] for name in names)]},
        cells, tmp_path, 1,
    )  # fmt: skip
    report(tmp_path)
    rows = [
        [entry.strip() for entry in line.strip("|").split("|")]
        for line in capsys.readouterr().out.splitlines()
    ]
    assert ["A", "0.2", "52.0 ± 2.0", "58.0 ± 3.0"] in rows
    assert ["0.2", "2.0"] in rows  # (58 - 52 + 68 - 70) / 2
    assert ["0.8", "1.0"] in rows
    assert ["A", "6.0"] in rows
    assert ["B", "-0.5"] in rows
