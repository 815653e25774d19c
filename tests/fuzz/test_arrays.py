"""Odd arrays through every public way in.

Seeded; more of it: ``GDPD_FUZZ=20 python -m pytest tests/fuzz`` tries twenty times as many.
"""

import numpy as np
import pytest
from odd_values import VALUES, odd_labels, odd_series, some, trial
from synthetic import make_series

from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.networks import PrefixModel

X, Y = make_series(12, 1, 12)
# what numpy says of a class that is odd on purpose
pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")

NAMED = r"\bX\b|\bX\[|seen by instance|series|points"

KINDS = {
    "plain": lambda: GDPDClassifier(
        n_epochs=2, student="fcn", distiller="none", random_state=0, device="cpu"
    ),
    "prefix": lambda: GDPDClassifier(
        n_epochs=2, student="lstm1-8", distiller="none", scaling="prefix", random_state=0
    ),
    "kernels": lambda: GDPDEarlyClassifier(3, distiller="none", random_state=0, device="cpu"),
    "separate": lambda: GDPDEarlyClassifier(
        3, student="fcn", distiller="none", n_folds=2, n_epochs=1, random_state=0
    ),
    "shared": lambda: GDPDEarlyClassifier(
        3, True, student="lstm1-8", distiller="none", n_folds=2, n_epochs=1, random_state=0
    ),
}


@pytest.fixture(scope="module", params=KINDS)
def fitted(request):
    return KINDS[request.param]().fit(X, Y)


def labels_of(Z):
    """As many labels as there are series, where that can be told."""
    if isinstance(Z, list | tuple):
        return Y[: len(Z)]
    shape = getattr(Z, "shape", ())
    return Y[: shape[0]] if shape else Y


def ways_of(clf):
    """Name to a function of series that answers."""
    ways = {
        "predict": clf.predict,
        "predict_proba": clf.predict_proba,
        "score": lambda Z: float(clf.score(Z, labels_of(Z))),
    }
    if isinstance(clf, GDPDClassifier):
        return {**ways, "model_.predict_proba": clf.model_.predict_proba}
    return {
        **ways,
        "predict_early": clf.predict_early,
        "update_predict": lambda Z: (clf.reset_state_info(), clf.update_predict_proba(Z))[1],
        "as_classifier": clf.as_classifier().predict_proba,
        "as_classifier(0.5)": clf.as_classifier(0.5).predict_proba,
        "probabilities_at": lambda Z: clf.engine_.probabilities_at(Z, 1),
        "probabilities_up_to": lambda Z: clf.engine_.probabilities_up_to(Z, 2),
    }


def report(wrong):
    wrong = [each for each in wrong if each]
    assert not wrong, "\n".join(wrong)


def test_odd_series_are_refused_by_name_or_give_numbers(fitted):
    kind = type(fitted).__name__
    wrong = []
    for number, (way, call) in enumerate(ways_of(fitted).items()):
        odd = odd_series(X)  # anew: generators are used up
        for name in some(list(odd), 30, number):
            what = f"{kind}.{way}({name})"
            wrong.append(trial(what, lambda call=call, Z=odd[name]: call(Z), NAMED))
    report(wrong)


@pytest.mark.parametrize("kind", ["plain", "kernels"])
def test_fit_refuses_odd_series_or_gives_numbers(kind):
    odd = odd_series(X)
    report(
        trial(
            f"{kind}.fit({name})",
            lambda Z=odd[name]: KINDS[kind]().fit(Z, Y).predict_proba(Z),
            NAMED + r"|\by\b|samples",
        )
        for name in some(list(odd), 40, 5)
    )


@pytest.mark.parametrize("kind", ["plain", "kernels"])
def test_odd_labels_are_refused_by_name_or_give_numbers(kind):
    clf = KINDS[kind]().fit(X, Y)
    named = r"\by\b|label|class|Complex data"  # the last is scikit-learn's
    wrong = []
    for name, labels in odd_labels(Y).items():
        fit = lambda y=labels: KINDS[kind]().fit(X, y).predict_proba(X)  # noqa: E731
        wrong.append(trial(f"{kind}.fit(y={name})", fit, named))
        wrong.append(
            trial(f"{kind}.score(y={name})", lambda y=labels: float(clf.score(X, y)), named)
        )
    report(wrong)


@pytest.mark.parametrize("fitted", ["kernels", "separate", "shared"], indirect=True)
def test_odd_points_of_a_stream_are_refused_or_decided(fitted):
    odd = {**odd_series(X[:2]), **{f"value {value!r}": value for value in VALUES}}
    wrong = []
    for name in some(list(odd), 60, 3):
        stream = fitted.stream()

        def push(points=odd[name], stream=stream):
            decision = stream.push("a", points)
            return None if decision is None else decision.probabilities

        wrong.append(trial(f"push({name})", push, r"points|series"))
        length = stream.n_timepoints("a")
        wrong.append(trial("push", lambda s=stream, n=length: s.push("a", X[0][:, n:]), "points"))
    report(wrong)


def test_odd_files_are_refused(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "odd.safetensors"
    wrong = []
    for size in (0, 1, 7, 8, 9, 100, 10_000):
        for content in (bytes(size), rng.bytes(size), b"{" * size):
            path.write_bytes(content)
            wrong.append(trial(f"load of {size} bytes", lambda: PrefixModel.load(path), "path="))
    report(wrong)
