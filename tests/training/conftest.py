"""Small data and settings for trainings."""

from small_fits import (  # noqa: F401  fixtures
    ask,
    data,
    distiller,
    fit,
    looped,
    settings,
    teacher,
)
