#!/usr/bin/env python3
"""Tests of the live page.

  page_test.py modules                 the modules without a document, in node's test runner
  page_test.py lint                    eslint, prettier, stylelint and html-validate
  page_test.py browser EXPORTER PAGE   the page in Chromium
"""
import glob
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGE = ROOT / "src" / "web" / "page"
TOOLS = HERE / "node_modules"
CHROMIUM = "/usr/bin/chromium"
OLDEST_NODE = (18, 18)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def need_node():
    if not shutil.which("node"):
        skip("the program node is not installed")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, version.lstrip("v").split(".")[:2])) < OLDEST_NODE:
        skip(f"node {version} is too old")


def need_tools():
    if not (TOOLS / ".package-lock.json").exists():
        skip("tests/page/node_modules is missing: run npm ci in tests/page")


def node_test(pattern):
    files = sorted(glob.glob(str(HERE / pattern)))
    sys.exit(subprocess.run(["node", "--test", *files]).returncode)


def lint():
    sources = [str(path) for suffix in ("js", "css", "html") for path in sorted(PAGE.rglob(f"*.{suffix}"))]
    tests = [str(path) for pattern in ("*.js", "*.json", "*/*.js") for path in sorted(HERE.glob(pattern))
             if TOOLS not in path.parents and path.name != "package-lock.json"]
    commands = [
        ["eslint", "--config", HERE / "eslint.config.js", "--max-warnings", "0", "src/web/page", "tests/page"],
        ["prettier", "--config", HERE / ".prettierrc.json", "--check", *sources, *tests],
        ["stylelint", "--config", HERE / ".stylelintrc.json", PAGE / "style.css"],
        ["html-validate", "--config", HERE / ".htmlvalidate.json", PAGE / "index.html"],
    ]
    failed = [str(name) for name, *arguments in commands
              if subprocess.run([TOOLS / ".bin" / name, *arguments], cwd=ROOT).returncode != 0]
    sys.exit(f"complaints of {', '.join(failed)}" if failed else 0)


def main():
    kind, *arguments = sys.argv[1:]
    need_node()
    if kind == "modules":
        node_test("unit/*.test.js")
    need_tools()
    if kind == "lint":
        lint()
    if not os.path.exists(CHROMIUM):
        skip(f"{CHROMIUM} is not installed")
    os.environ["RIG_EXPORTER"], os.environ["RIG_PAGE"] = map(os.path.abspath, arguments)
    node_test("browser/*.test.js")


if __name__ == "__main__":
    main()
