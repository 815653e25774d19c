"""What an import of the package brings along."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from held_out_cases import noisy

import gdpd_sklearn
from gdpd_sklearn import estimators
from gdpd_sklearn.triggers import TRIGGERS

ROOT = Path(__file__).parents[1]

# what an environment lacks that has numpy, scipy, scikit-learn and joblib alone
WITHOUT = """
import sys
absent = {"aeon", "torch", "pandas", "numba", "safetensors", "matplotlib", "tqdm"}
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
"""


def run(program):
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_aeons_early_classifiers_load_when_asked_for():
    run("""
import sys, gdpd_sklearn.estimators
early = "aeon.classification.early_classification"
assert early not in sys.modules
assert "GDPDEarlyClassifier" in dir(gdpd_sklearn)
assert "EarlyPrediction" in dir(gdpd_sklearn.estimators)
bases = gdpd_sklearn.GDPDEarlyClassifier.__mro__
assert any(base.__module__.startswith(early) for base in bases)
""")


def test_the_package_itself_imports_next_to_nothing():
    loaded = run("import sys, gdpd_sklearn; print(*sys.modules)").split()
    assert not {"numpy", "sklearn", "aeon", "torch", "pandas"} & set(loaded)


def test_rules_are_fitted_and_asked_where_aeon_and_torch_are_absent(tmp_path):
    # fitted here, asked there; and fitted there too
    probabilities, y, fractions = noisy(0)
    rules = {name: make().fit(probabilities, y, fractions) for name, make in TRIGGERS.items()}
    (tmp_path / "rules.pkl").write_bytes(pickle.dumps(rules))
    printed = run(f"""{WITHOUT}
import pickle
from pathlib import Path
sys.path.insert(0, "tests")
from held_out_cases import noisy
from gdpd_sklearn.metrics import harmonic_mean
from gdpd_sklearn.triggers import TRIGGERS
held_out = noisy(0)
rules = pickle.loads(Path({str(tmp_path / "rules.pkl")!r}).read_bytes())
for name, rule in rules.items():
    p = held_out[0]
    again = TRIGGERS[name]().fit(*held_out).stop_points(p)
    assert (rule.stop_points(p) == again).all(), name
    print(name, *again)
""")
    assert {line.split()[0]: [*map(int, line.split()[1:])] for line in printed.splitlines()} == {
        name: rule.stop_points(probabilities).tolist() for name, rule in rules.items()
    }


def test_what_needs_torch_says_so_when_it_is_absent():
    run(f"""{WITHOUT}
import gdpd_sklearn
try:
    gdpd_sklearn.GDPDClassifier
except ModuleNotFoundError as error:
    assert error.name in absent, error
else:
    raise AssertionError("imported")
""")


@pytest.mark.parametrize("module", [gdpd_sklearn, estimators])
def test_all_names_exist_and_others_do_not(module):
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name in dir(module)
    with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'nop'"):
        module.nop  # noqa: B018
