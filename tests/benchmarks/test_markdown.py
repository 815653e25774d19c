"""Tables without padding, read back."""

import numpy as np
import pandas as pd

from benchmarks._markdown import markdown, markdown_of


def test_a_table_is_what_it_holds():
    text = markdown(["who", "cost"], [["us", "1"], ["them", "2"]])
    assert text == "| who | cost |\n| --- | ---: |\n| us | 1 |\n| them | 2 |"


def test_a_frame_has_its_index_first_and_dashes_for_nothing():
    frame = pd.DataFrame(
        {"mean": [0.12349, np.nan], "rule": ["one", None]}, index=pd.Index(["a", "b"], name="who")
    )
    assert markdown_of(frame, 2).splitlines()[2:] == ["| a | 0.12 | one |", "| b | – | – |"]
    assert markdown_of(frame).startswith("| who | mean | rule |")
