#!/usr/bin/env python3
"""Compiles each source of a build directory by itself, without output.

  compile_each.py BUILD

Sources that are compiled together may use what another one includes. Prints the errors; exit status 1 if there are any.
"""
import json
import multiprocessing.pool
import os
import pathlib
import re
import subprocess
import sys


def errors_of(entry):
    command = re.sub(r" -o \S+ -c ", " -fsyntax-only ", entry["command"])
    done = subprocess.run(command, shell=True, cwd=entry["directory"], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode != 0 else ""


def main():
    database = json.loads((pathlib.Path(sys.argv[1]) / "compile_commands.json").read_text())
    entries = [entry for entry in database if pathlib.Path(entry["file"]).exists()]  # others are made by the build
    with multiprocessing.pool.ThreadPool(os.cpu_count()) as pool:
        errors = [text for text in pool.map(errors_of, entries) if text]
    print("".join(errors), end="")
    print(f"{len(entries)} sources, {len(errors)} with errors")
    sys.exit(1 if errors or not entries else 0)


if __name__ == "__main__":
    main()
