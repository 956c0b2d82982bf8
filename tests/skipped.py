#!/usr/bin/env python3
"""skipped.py JUNIT: says which tests of a ctest run were skipped, each with the last line it printed, its reason."""
import sys
import xml.etree.ElementTree

try:
    cases = xml.etree.ElementTree.parse(sys.argv[1]).getroot().findall("testcase")
except (OSError, xml.etree.ElementTree.ParseError) as error:
    sys.exit(f"skipped.py: {error}")
skipped = [case for case in cases if case.find("skipped") is not None]
if skipped:
    print(f"\n{len(skipped)} of {len(cases)} tests were skipped:")
for case in skipped:
    said = (case.findtext("system-out") or "").strip().splitlines()
    print(f"  {case.get('name')}: {said[-1] if said else 'it gave no reason'}")
