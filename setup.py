"""What the build does beyond setup.cfg: it compiles the templates of the reports, which would take every HTML report 60 ms."""

import sys
from pathlib import Path
from shutil import rmtree

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent


class Build(build_py):
    """Copy the packages, and compile the templates in the copy."""

    def run(self) -> None:
        """Build; an editable install has no copy, and uses the templates as they are."""
        super().run()
        if not self.editable_mode:
            sys.path.insert(0, str(ROOT))
            from hostcheck.render import compile_templates

            copied = Path(self.build_lib, "hostcheck_reports/templates")
            rmtree(copied / "compiled", ignore_errors=True)  # of a build before this one
            compile_templates(str(ROOT / "reports/templates"), str(copied))


setup(cmdclass={"build_py": Build})
