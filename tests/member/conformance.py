#!/usr/bin/env python3
"""Checks FHIR R4 resources against the base specification and the US profiles that they name.

    conformance.py FILE... [--allow-dangling FILE] [--profiled] [--summary] [--workers N]
    conformance.py --explained

A FILE is NDJSON, plain or .gz, `-` for stdin, or a .json file (a Bundle there is unpacked). All files
are one set: ids are unique per type and references resolve inside it, but for the targets listed in the
file of --allow-dangling, a `Type/id` a line. Prints a line for each fault,

    Type/id path rule message

then counts by rule, and at last `N passed, N failed`, in resources. Exit code 1 where one failed.
--profiled demands that a resource names a profile of the guides where they have one for its type.
--summary leaves out the lines of faults and tells what was checked and what could not be.
--explained checks the published examples instead, against the reasons in explained.tsv.
"""

import argparse
import sys

import explained
from checker import check_files
from rules import NOT_CHECKED


def targets(path):
    """The allowed targets of a list: a `Type/id` a line, # for remarks."""
    if path is None:
        return frozenset()
    with open(path, encoding="utf-8") as lines:
        return frozenset(x.split()[0] for x in lines if x.strip() and not x.startswith("#"))


def summary(report):
    print(
        f"{report.count} resources of {len(report.types)} types, {len(report.targets)} targets of references"
    )
    for profile, count in sorted(report.claimed.items()):
        state = "not in the pack, not checked" if profile in report.unknown else "checked"
        print(f"profile {profile}: {count}, {state}")
    for url, count in sorted(report.unknown.items()):
        if url not in report.claimed:
            print(f"extension {url}: {count}, not in the pack, not checked")
    for name, found in report.open.items():
        for one in sorted(found):
            print(f"not checked, {name}: {one}")
    for rule, reason in sorted(NOT_CHECKED.items()):
        print(f"not checked, rule {rule}: {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--explained", action="store_true")
    parser.add_argument("--allow-dangling", metavar="FILE")
    parser.add_argument("--profiled", action="store_true")
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    if args.explained:
        return explained.run(args.workers)
    if not args.files:
        parser.error("no file given")
    report = check_files(args.files, targets(args.allow_dangling), args.profiled, args.workers)
    if args.summary:
        summary(report)
    else:
        for _, who, path, rule, message in report.faults:
            print(who, path, rule, message)
    for rule, count in sorted(report.by_rule().items(), key=lambda x: (-x[1], x[0])):
        print(f"{count:8} {rule}")
    failed = len(report.failed())
    print(f"{report.count - failed} passed, {failed} failed")
    return 1 if failed or not report.count else 0


if __name__ == "__main__":
    sys.exit(main())
