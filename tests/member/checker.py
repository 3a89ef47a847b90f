"""The whole conformance check: resource by resource over two cores, then ids and references of the set."""

import json
import multiprocessing
from collections import Counter

import invariants
from definitions import Definitions
from records import Twice, chunks, decode
from snapshots import GUIDE_ROOTS, Profiles
from structure import Base, Run

CHUNK = 250


class Checker:
    """Checks one resource at a time."""

    def __init__(self):
        self.definitions = Definitions()
        invariants.add_domain(self.definitions.resources)
        self.base = Base(self.definitions)
        self.profiles = Profiles(self.definitions, self.base)

    def check(self, value):
        """The Run of one decoded resource: its faults, references, and the resources within it."""
        name = value.get("resourceType") if type(value) is dict else None
        key = value.get("id") if type(value) is dict else None
        run = Run(f"{name or '?'}/{key or '?'}", value)
        self.base.resource(value, str(name or "?"), run)
        self.profiles.check(run)
        return run


class Report:
    """What a set of resources came to."""

    def __init__(self):
        self.faults = []
        self.keys = {}
        self.targets = set()
        self.open_uses = {}
        self.count = 0
        self.types = Counter()
        self.claimed = Counter()
        self.open = {"bindings": set(), "rules": set(), "slices": set()}
        self.unknown = Counter()

    def failed(self):
        """The resources with at least one fault, as (file, Type/id)."""
        return {(fault[0], fault[1]) for fault in self.faults}

    def by_rule(self):
        return Counter(fault[3] for fault in self.faults)


_checker = None
_profiled = frozenset()


def _start(profiled):
    global _checker, _profiled
    _checker = Checker()
    if profiled:
        _profiled = _checker.definitions.profiled_types()


def _work(job):
    """Checks one chunk: faults, keys, references, count, types, profiles, and what stayed open."""
    path, group = job
    faults, keys, references, types, claimed = [], [], {}, Counter(), Counter()
    before = dict(_checker.profiles.unknown)
    for line in group:
        try:
            value, twice = decode(line), None
        except Twice as error:
            value, twice = json.loads(line), str(error)
        except ValueError as error:
            faults.append((path, "?/?", "?", "json", str(error).split(":")[0]))
            continue
        run = _checker.check(value)
        if twice is not None:
            run.fault(run.who.split("/")[0], "json", f"the member {twice} occurs twice in one object")
        if type(value) is dict and value.get("resourceType") in _profiled and not _names_profile(value):
            run.fault(
                value["resourceType"] + ".meta.profile", "profile-missing", "names no profile of a guide"
            )
        faults.extend((path, *fault) for fault in run.faults)
        if not run.who.endswith("/?"):
            keys.append((run.who, path))
        for name, inner, place, _ in run.nested:
            types[name] += place == name
            if place != name and ".contained[" not in place and "id" in inner:
                keys.append((f"{name}/{inner['id']}", None))
            meta = inner.get("meta")
            for profile in meta.get("profile", []) if type(meta) is dict else ():
                claimed[str(profile)] += 1
        if type(value) is dict and value.get("resourceType") == "Bundle":
            keys.extend((str(e.get("fullUrl")), None) for e in value.get("entry", []) if type(e) is dict)
        for key, place in run.references:
            references.setdefault(key, []).append((path, run.who, place))
    unknown = Counter(_checker.profiles.unknown)
    unknown.subtract(before)
    profiles = _checker.profiles
    opened = (profiles.open_bindings, profiles.open_rules, profiles.open_slices)
    return faults, keys, references, len(group), types, claimed, opened, unknown


def _names_profile(value):
    claimed = value.get("meta", {}).get("profile", [])
    return any(str(p).startswith(GUIDE_ROOTS) for p in claimed)


def check_files(paths, allowed=frozenset(), profiled=False, workers=2):
    """Checks files as one set; `allowed` are the targets that may be missing.

    `profiled` demands a profile of the guides of every resource for whose type they have one.
    """
    report = Report()
    jobs = chunks(paths, CHUNK)
    if workers > 1:
        with multiprocessing.get_context("fork").Pool(workers, _start, (profiled,)) as pool:
            _gather(report, pool.imap(_work, jobs))
    else:
        _start(profiled)
        _gather(report, map(_work, jobs))
    _resolve(report, allowed)
    return report


def _gather(report, results):
    for faults, keys, references, count, types, claimed, opened, unknown in results:
        report.faults.extend(faults)
        report.count += count
        report.types.update(types)
        report.claimed.update(claimed)
        report.unknown.update(+unknown)
        for name, found in zip(("bindings", "rules", "slices"), opened):
            report.open[name] |= found
        for key, path in keys:
            if path is not None and report.keys.get(key) is not None:
                report.faults.append((path, key, key.split("/")[0] + ".id", "id-duplicate", "occurs twice"))
            if path is not None or key not in report.keys:
                report.keys[key] = path
        report.targets.update(references)
        for key, uses in references.items():
            if key not in report.keys:  # a target that came before needs no more looking after
                report.open_uses.setdefault(key, []).extend(uses)


def _resolve(report, allowed):
    """A fault for each reference whose target is not in the set and is not allowed to be missing."""
    ids = {"urn:uuid:" + key.split("/")[-1] for key in report.keys}
    for key, uses in report.open_uses.items():
        if key in report.keys or key in ids or key in allowed:
            continue
        rule = "reference-conditional" if "?" in key else "reference-dangling"
        for path, who, place in uses:
            report.faults.append((path, who, place, rule, f"{key} is not in the set"))
