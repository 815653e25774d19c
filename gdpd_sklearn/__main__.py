"""``python -m gdpd_sklearn``: classifiers for data of one's own, without a line of Python."""

import sys

from gdpd_sklearn.command import main

if __name__ == "__main__":
    sys.exit(main())
