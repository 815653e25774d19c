"""Sets on disk, as the archives have them."""

import pytest
from synthetic import make_series, write_split


@pytest.fixture
def archive(tmp_path):
    """A folder with the sets Waves (1 channel) and Moves (3 channels), tiny."""
    folder = tmp_path / "archive"
    for name, n_channels in (("Waves", 1), ("Moves", 3)):
        for split, seed in (("TRAIN", 0), ("TEST", 1)):
            write_split(folder, name, split, *make_series(16, n_channels, 12, seed=seed))
    return folder
