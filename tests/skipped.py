#!/usr/bin/env python3
"""skipped.py JUNIT...: lists the skipped tests of ctest runs, each with the last line of its output, which is the reason,
and the parts that Python tests have skipped.

Only the first file has to exist.
"""
import os
import re
import sys
import xml.etree.ElementTree

cases = []
for path in [sys.argv[1], *filter(os.path.exists, sys.argv[2:])]:
    try:
        cases += xml.etree.ElementTree.parse(path).getroot().findall("testcase")
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        sys.exit(f"skipped.py: {error}")
skipped = [case for case in cases if case.find("skipped") is not None]
if skipped:
    print(f"\n{len(skipped)} of {len(cases)} tests were skipped:")
for case in skipped:
    output = (case.findtext("system-out") or "").strip().splitlines()
    print(f"  {case.get('name')}: {output[-1] if output else 'no reason given'}")
for case in cases:
    output = case.findtext("system-out") or ""
    for part, reason in re.findall(r"(?m)^(test_\w+) .*\.\.\. skipped ['\"](.*)['\"]$", output):
        print(f"  {case.get('name')}, {part}: {reason}")
