"""Every benchmark of cells says alike where it computes, and on what."""

import pytest
from synthetic import make_series, write_split

from benchmarks.accuracy import __main__ as accuracy
from benchmarks.early import __main__ as early
from benchmarks.research import __main__ as research

COMMANDS = {
    "accuracy": (accuracy, ["run", "--sets", "Waves", "--distillers", "none", "--seeds", "1"]),
    "early": (early, ["run", "--sets", "Waves", "--seeds", "1"]),
    "research": (research, ["run", "--sets", "Waves", "--variants", "none", "--seeds", "1"]),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_command_says_reaches_the_engine(name, tmp_path, monkeypatch):
    module, command = COMMANDS[name]
    calls = []

    def spy(*arguments, **how):
        calls.append((arguments, how))
        return 0

    monkeypatch.setattr(module, "run" if name == "accuracy" else "run_cells", spy)
    for reading in ("report", "chosen", "read_cells"):
        if hasattr(module, reading):
            monkeypatch.setattr(module, reading, lambda *_: None)
    monkeypatch.chdir(tmp_path)
    write_split(tmp_path / "data", "Waves", "TRAIN", *make_series(4))
    module.main(
        [*command, "--data-dir", "data", "--out", "out", "--n-jobs", "3", "--retry-failed",
         "--redo-other-versions", "--backend", "dask", "--scheduler", "tcp://host:8786"]
    )  # fmt: skip
    module.main(command)
    (asked, how), (_, usual) = calls
    assert how == {
        "n_jobs": 3, "retry_failed": True, "redo_other_versions": True, "backend": "dask",
        "scheduler": "tcp://host:8786",
    }  # fmt: skip
    assert usual == {
        "n_jobs": 2, "retry_failed": False, "redo_other_versions": False, "backend": "loky",
        "scheduler": None,
    }  # fmt: skip
    if name == "accuracy":
        _, laboratory = asked
        assert (laboratory.out, laboratory.data_dir) == (tmp_path / "out", str(tmp_path / "data"))
    else:
        compute, _, out = asked
        assert out == tmp_path / "out"
        assert compute.keywords["data_dir"] == str(tmp_path / "data")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data-dir", "nowhere"], "--data-dir 'nowhere' is no folder"),
        (["--out", __file__], "is a file, not a folder"),
        (["--scheduler", "tcp://x:1"], "--scheduler needs --backend dask"),
        (["--backend", "ray"], "ray"),
    ],
)
def test_bad_arguments_are_named(name, arguments, message, capsys):
    module, command = COMMANDS[name]
    with pytest.raises(SystemExit):
        module.main([*command, *arguments])
    assert message in capsys.readouterr().err


# of both the command is the same up to the cells; a cluster takes seconds to start
@pytest.mark.parametrize("name", ["early", pytest.param("research", marks=pytest.mark.slow)])
def test_cells_are_computed_on_a_cluster(name, archive, tmp_path, capsys):
    module, command = COMMANDS[name]
    tiny = {
        "early": ["--contestants", "NonMyopic"],
        "research": ["--students", "lstm1-8", "--earliness", "0.5"],
    }[name]
    module.main(
        [*command, *tiny, "--data-dir", str(archive), "--out", str(tmp_path / "out"),
         "--n-jobs", "1", "--backend", "dask"]
    )  # fmt: skip
    printed = capsys.readouterr().out
    assert "left out" not in printed
    assert "1 sets" in printed or "Waves" in printed
