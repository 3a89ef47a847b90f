#!/usr/bin/env python3
"""Puts seeded faults, one at a time, into conforming resources and counts how many the checker finds.

    faults.py [FILE...] [--seed N] [--count N] [--least PERCENT] [--missed]

Without a FILE the resources are the published examples of the guides that pass. A fault is found where
the broken resource has a fault that the whole one had not. Prints a line for each kind, then
`N passed, N failed`, in faults; exit code 1 below --least (95) percent, in the whole or for any kind.
"""

import argparse
import copy
import random
import sys
from collections import Counter

import explained
from checker import Checker, check_files
from definitions import need_pack
from mutate import KINDS, Mutator
from records import decode, lines


def sources(files):
    if files:
        return files
    root = need_pack() / "examples"
    return [str(p) for guide in explained.EXAMPLES for p in sorted((root / guide).glob("*.ndjson"))]


def conforming(files):
    """The decoded resources without a fault, and the keys of all."""
    report = check_files(files)
    bad = report.failed()
    good = []
    for path in files:
        for line in lines(path):
            try:
                value = decode(line)
            except ValueError:
                continue
            key = f"{value.get('resourceType')}/{value.get('id')}"
            if (path, key) not in bad and value.get("resourceType") not in ("Bundle", "Parameters"):
                good.append(value)
    return good, set(report.keys)


def noticed(checker, value, keys):
    """The rules that the checker names for one resource, references taken against the set's keys."""
    run = checker.check(value)
    found = {rule for _, _, rule, _ in run.faults}
    if any(key not in keys for key, _ in run.references):
        found.add("reference-dangling")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--least", type=float, default=95.0)
    parser.add_argument("--missed", action="store_true", help="tell the faults that were not found")
    args = parser.parse_args()
    resources, keys = conforming(sources(args.files))
    if not resources:
        sys.exit("no conforming resource to break")
    checker = Checker()
    mutator = Mutator(checker, random.Random(args.seed))
    by_type = {}
    for value in resources:
        by_type.setdefault(value["resourceType"], []).append(value)
    types = sorted(by_type)
    made, found = Counter(), Counter()
    tries = 0
    while sum(made.values()) < args.count and tries < args.count * 200:
        kind = KINDS[sum(made.values()) % len(KINDS)]
        tries += 1
        whole = mutator.random.choice(by_type[mutator.random.choice(types)])
        broken = copy.deepcopy(whole)
        where = mutator.apply(kind, broken)
        if where is None:
            continue
        made[kind] += 1
        if noticed(checker, broken, keys):
            found[kind] += 1
        elif args.missed:
            print("missed:", kind, f"{whole['resourceType']}/{whole.get('id')}", where)
    good = made and len(made) == len(KINDS) and sum(made.values()) == args.count
    for kind in KINDS:
        share = 100 * found[kind] / made[kind] if made[kind] else 0
        good = good and share >= args.least
        print(f"{kind:20} {found[kind]:4} of {made[kind]:4} found, {share:5.1f} %")
    total, hits = sum(made.values()), sum(found.values())
    print(
        f"{len(resources)} conforming resources of {len(types)} types; {100 * hits / max(total, 1):.1f} % found"
    )
    print(f"{hits} passed, {total - hits} failed")
    return 0 if good and 100 * hits >= args.least * total else 1


if __name__ == "__main__":
    sys.exit(main())
