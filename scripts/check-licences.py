#!/usr/bin/env python3
"""Checks what the shipped crates depend on against deny.toml: licences, sources, banned crates.

Reads `cargo metadata`, walks from the default members (tests/bench and its peer are not shipped).
"""

import collections
import json
import re
import subprocess
import sys
import tomllib


def satisfied(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression (the old `A/B` too) can be met with allowed licences alone."""
    tokens = re.findall(r"\(|\)|[^\s()/]+(?:\s+WITH\s+[^\s()/]+)?|/", expression)
    words = {"OR": "or", "/": "or", "AND": "and", "(": "(", ")": ")"}
    return eval(" ".join(words.get(token, str(token in allowed)) for token in tokens))


def main() -> int:
    with open("deny.toml", "rb") as file:
        deny = tomllib.load(file)
    allowed = set(deny["licenses"]["allow"])
    banned = {entry["crate"] for entry in deny["bans"]["deny"]}
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    edges = {node["id"]: node["dependencies"] for node in metadata["resolve"]["nodes"]}
    reached, open_ids = set(), list(metadata["workspace_default_members"])
    while open_ids:
        package = open_ids.pop()
        if package not in reached:
            reached.add(package)
            open_ids.extend(edges[package])
    # The resolved graph also names optional crates that no feature brings in; `cargo tree` leaves them out.
    tree = ["cargo", "tree", "--locked", "--target", "all", "--prefix", "none", "--format", "{p}"]
    lines = subprocess.run(tree, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    built = {tuple(line.split()[:2]) for line in lines if line}
    packages = [p for p in metadata["packages"]
                if p["id"] in reached and (p["name"], f"v{p['version']}") in built]
    foreign = [p for p in packages if p["source"] is not None]
    faults = []
    for p in packages:
        name = f"{p['name']} {p['version']}"
        if not (p["license"] and satisfied(p["license"], allowed)):
            faults.append(f"{name}: licence {p['license'] or 'not given'} is not allowed")
        if p["source"] and not p["source"].startswith("registry+"):
            faults.append(f"{name}: does not come from the registry")
        if p["name"] in banned:
            faults.append(f"{name}: banned by deny.toml")
    versions = collections.Counter(p["name"] for p in foreign)
    twice = sorted(name for name, count in versions.items() if count > 1)
    kinds = collections.Counter(p["license"] for p in foreign)
    print("\n".join(faults), end="\n" if faults else "")
    print(f"{len(foreign)} crates, {len(kinds)} licence expressions, {len(twice)} names in several versions")
    print(f"licences: {len(packages) - len(faults)} passed, {len(faults)} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
