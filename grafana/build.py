#!/usr/bin/env python3
"""Writes the dashboards in grafana/dashboards from their descriptions in grafana/source.

  build.py            writes them
  build.py --check    compares them with the descriptions; exit status 1 if they differ
"""
import importlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
DASHBOARDS = ("rig", "gpu", "raid", "fleet")

sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE / "source"))


def main():
    different = []
    for name in DASHBOARDS:
        path = HERE / "dashboards" / f"{name}.json"
        text = json.dumps(importlib.import_module(name).build(), indent=1, ensure_ascii=False) + "\n"
        if sys.argv[1:] != ["--check"]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            different.append(path)
    for path in different:
        print(f"{path.name} is not what grafana/build.py writes: change grafana/source and run grafana/build.py")
    sys.exit(1 if different else 0)


main()
