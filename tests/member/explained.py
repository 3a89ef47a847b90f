"""Faults found in the published examples of the guides, each with a reason, in explained.tsv.

A line is file, resource, rule, path, reason. A finding without a line fails, and so does a line that no
finding needs: the first would be a new false alarm, the second a check that went blind.
"""

import sys
from collections import Counter

from checker import check_files
from definitions import HERE, need_pack

EXAMPLES = ("us-core-6.1.0", "carin-bb-2.0.0", "davinci-pdex-2.1.1-ci", "davinci-drug-formulary-2.0.1")
TABLE = HERE / "explained.tsv"


def load():
    rows = {}
    with open(TABLE, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            *key, reason = line.rstrip("\n").split("\t")
            if len(key) != 4 or not reason:
                sys.exit(f"{TABLE.name}: a line has not five columns")
            rows[tuple(key)] = reason
    return rows


def findings(workers):
    """(file, resource, rule, path) of every finding in the examples, and the number of resources."""
    root = need_pack() / "examples"
    found, count = Counter(), 0
    for guide in EXAMPLES:
        paths = sorted(str(p) for p in (root / guide).glob("*.ndjson"))
        report = check_files(paths, workers=workers)
        count += report.count
        for path, who, place, rule, _ in report.faults:
            found[(f"{guide}/{path.rsplit('/', 1)[1]}", who, rule, place)] += 1
    return found, count


def run(workers):
    """Prints what is not explained and what needs no explanation; 0 where there is neither."""
    rows = load()
    found, count = findings(workers)
    news = sorted(set(found) - set(rows))
    idle = sorted(set(rows) - set(found))
    for key in news:
        print("not explained:", *key)
    for key in idle:
        print("not needed:", *key)
    print(f"{count} example resources, {len(found)} findings, {len(rows)} explained")
    print(f"{len(found) - len(news)} passed, {len(news) + len(idle)} failed")
    return 1 if news or idle or not count else 0
