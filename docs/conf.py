"""Sphinx: the Markdown pages of this folder, and the headers of the solver by Doxygen and Breathe.

Built by `cmake --build BUILD --target docs`; a warning is an error.
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]
project = "lihost"
author = "the lihost maintainers"
copyright = author
release = re.search(r"project\(lihost VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
extensions = ["myst_parser", "breathe", "sphinx.ext.mathjax"]
source_suffix = {".md": "markdown"}
master_doc = "index"
exclude_patterns = ["_build", "README.md"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
breathe_default_project = "lihost"  # its XML comes by -D breathe_projects.lihost=...
breathe_default_members = ("members",)
breathe_domain_by_extension = {"h": "c"}
html_theme = "sphinx_rtd_theme" if __import__("importlib.util").util.find_spec("sphinx_rtd_theme") else "alabaster"
html_static_path = ["_static"]
html_css_files = ["lihost.css"]
# Pages link to files of the tree (cases, materials, headers), which are no pages: those links are checked by
# tests/style/check_commands.py instead.
suppress_warnings = ["myst.xref_missing", "myst.header"]

# Equations are set by Debian's MathJax (libjs-mathjax) where it is installed, so that the manual needs no network.
_mathjax = pathlib.Path("/usr/share/javascript/mathjax/MathJax.js")
if _mathjax.exists():
    mathjax_path = f"{_mathjax.as_uri()}?config=TeX-AMS-MML_HTMLorMML"
    mathjax2_config = {"TeX": {"equationNumbers": {"autoNumber": "none"}}}
    myst_update_mathjax = False
