#!/usr/bin/env python3
"""Checks that one member's record tells one story: money, claims, fills, visits, findings, time.

    coherence.py FILE... [--only CHECK] [--list] [--self-test]

A FILE is NDJSON, plain or .gz, or `-`; nothing else is read. Prints a line for each check that failed,

    check Type/id message

(at most --most of a check), then how often each check applied, and at last `N passed, N failed`, where N
counts checks made. In a record of 1,900 resources and more a check that never applied is a failure of its
own. --self-test breaks the record in each of these ways, once for each check, and demands that the check
notices.
"""

import argparse
import sys

import care
import claims
import codeforms
import money
import whole
import years
from record import Record, load

CHECKS = {**money.CHECKS, **years.CHECKS, **claims.CHECKS, **care.CHECKS, **whole.CHECKS, **codeforms.CHECKS}
WHOLE_RECORD = 1_900


def run(record, names):
    """{check: (made, [(who, message) of failures])}."""
    found = {}
    for name in names:
        made, failed = 0, []
        try:
            for good, who, message in CHECKS[name](record):
                made += 1
                if not good:
                    failed.append((who, message))
        except (AttributeError, TypeError, KeyError, IndexError, ValueError, ArithmeticError) as error:
            made += 1
            failed.append(("?/?", f"could not go on: {type(error).__name__}, a value of a wrong shape"))
        found[name] = (made, failed)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--only", action="append", choices=sorted(CHECKS), metavar="CHECK")
    parser.add_argument("--most", type=int, default=20, help="lines of one check")
    parser.add_argument("--list", action="store_true", help="tell what each check demands")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    names = args.only or list(CHECKS)
    if args.list:
        for name in names:
            print(f"{name}: {' '.join(CHECKS[name].__doc__.split())}")
        return 0
    if not args.files:
        parser.error("no file given")
    resources = load(args.files)
    if args.self_test:
        import selftest

        return selftest.run(resources, names)
    return report(Record(resources), names, args.most)


def report(record, names, most):
    results = run(record, names)
    passed = failures = 0
    for name, (made, failed) in results.items():
        for who, message in failed[:most]:
            print(name, who, message)
        if len(failed) > most:
            print(name, f"... and {len(failed) - most} more")
        passed += made - len(failed)
        failures += len(failed)
    for name, (made, failed) in results.items():
        print(f"{made:8} {len(failed):6} failed  {name}")
    vacuous = [name for name, (made, _) in results.items() if not made]
    strict = len(record.resources) >= WHOLE_RECORD
    for name in vacuous:
        print(f"never applied: {name}")
    if strict:
        failures += len(vacuous)
    print(f"{passed} passed, {failures} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
