"""Settings of the documentation: `python -m sphinx -W --keep-going docs docs/_build/html`."""

import re
from importlib import metadata
from typing import Any

from sphinx.application import Sphinx
from sphinx_gallery.sorting import ExplicitOrder

project = "gdpd_sklearn"
author = "gdpd_sklearn developers"
copyright = author
release = metadata.version("gdpd_sklearn")
version = release

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "examples", "sg_execution_times.rst", "**/sg_execution_times.rst"]
templates_path = ["_templates"]

# -- pages in Markdown

myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 4
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

# -- links: every reference to this package must lead somewhere

nitpicky = True
# other projects' inventories are not asked: a build needs no network
nitpick_ignore_regex = [(r"py:.*", r"(?!gdpd_sklearn).*")]

# -- API

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "groupwise"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
# Of what other libraries define, an estimator's page has what is called in use.
INHERITED = {
    "fit", "get_params", "predict", "predict_log_proba", "predict_proba", "score", "set_params",
    "update_predict", "update_predict_proba",
}  # fmt: skip
HIDDEN = {"compute_harmonic_mean", "get_metadata_routing", "metadata_routing", "state_info"}

# -- gallery

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"\.py$",
    "within_subsection_order": ExplicitOrder(
        [
            "tradeoff.py",
            "costs.py",
            "explain.py",
            "stream.py",
            "gaps.py",
            "own_data.py",
            "few_labels.py",
            "icu.py",
            "leak.py",
            "search.py",
            "onnx_without_torch.py",
            "own_distiller.py",
            "own_rule.py",
            "*",
        ]
    ),
    # two examples side by side
    "parallel": 2,
    "matplotlib_animations": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "abort_on_example_error": False,
    "min_reported_time": 1000,
    "remove_config_comments": True,
    "reset_modules": ("matplotlib",),
    "default_thumb_file": None,
}

# -- looks

html_theme = "pydata_sphinx_theme"
html_title = "gdpd_sklearn"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
# pages without neighbours need no list of them
html_sidebars = {"index": [], "method": [], "search": []}
html_theme_options = {
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def _lead_to_gallery(app: Sphinx, name: str, source: list[str]) -> None:
    """Turn links to an example's script into links to its executed page."""
    source[0] = re.sub(r"\]\(examples/(\w+)\.py\)", r"](auto_examples/\1.rst)", source[0])


def _skip_foreign(
    app: Sphinx, what: str, name: str, member: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out what a base class of another library keeps for itself."""
    definition = getattr(member, "fget", member)
    ours = getattr(definition, "__module__", None) or "gdpd_sklearn"
    if name in HIDDEN or not (ours.startswith("gdpd_sklearn") or name in INHERITED):
        return True
    return None


def _escape_names(
    app: Sphinx, what: str, name: str, member: Any, options: Any, lines: list[str]
) -> None:
    """Escape what docutils takes for a link: fitted names in shapes, other projects' glossaries."""
    lines[:] = [
        re.sub(r":(?:term|ref):`([^`<]+?)(?: <[^`]*>)?`", r"*\1*", line)
        if "`" in line
        else re.sub(r"\b(\w*[a-z])_(?=[),])", r"\1\\_", line)
        for line in lines
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Join the pages' links and the gallery, and choose what the API shows."""
    app.connect("source-read", _lead_to_gallery)
    app.connect("autodoc-skip-member", _skip_foreign)
    app.connect("autodoc-process-docstring", _escape_names, priority=400)
    return {"parallel_read_safe": True}
