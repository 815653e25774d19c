import pytest

from gdpd_sklearn import GDPDClassifier


@pytest.fixture
def trained(monkeypatch):
    """Names of what was trained: a teacher or a student."""
    calls = []
    for name in ("fit_teacher", "fit"):
        original = getattr(GDPDClassifier, name)

        def spy(self, X, y, name=name, original=original):
            calls.append(name)
            return original(self, X, y)

        monkeypatch.setattr(GDPDClassifier, name, spy)
    return calls
