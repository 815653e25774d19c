"""Every method through the estimator."""

import pytest
from synthetic import make_series

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.distillers import DISTILLERS, GDPD, KD, FitNets, Sum, TeKAP
from gdpd_sklearn.networks import FCN
from gdpd_sklearn.recipes import Training

EVERY = {
    **{name: name for name in DISTILLERS},
    "sum": Sum(KD(), GDPD()),
    "staged sum": Sum(FitNets(), TeKAP()),
}


@pytest.mark.parametrize("name", sorted(EVERY))
def test_students_learn_what_can_be_learned(name):
    X, y = make_series(30, n_timepoints=16, n_classes=3)
    clf = GDPDClassifier(
        distiller=EVERY[name], prefix_length=0.75, student=FCN((8, 8), (5, 3)),
        teacher=FCN((8, 8), (5, 3)), n_epochs=10, learning_rate=0.05,
        training=Training(batch_size=6), random_state=0, device="cpu",
    ).fit(X, y)  # fmt: skip
    X_test, y_test = make_series(30, n_timepoints=16, n_classes=3, seed=1)
    # a third is chance
    assert clf.score(X_test, y_test) > 0.8
    assert clf.history_.notna().all(axis=None)


def test_parameters_of_a_sum_through_the_estimator():
    clf = GDPDClassifier(distiller=Sum(KD(), GDPD()))
    clf.set_params(distiller__kd__weight=0.1, distiller__gdpd__warmup=3)
    assert clf.get_params()["distiller__kd__weight"] == 0.1
    assert clf.clone().distiller.parts[1].warmup == 3
