#!/usr/bin/env python3
"""Checks that tests/it/debug_canary*.rs show every public type of core, of sync and of the bindings.

The list comes from the sources: what lib.rs of core and of sync re-exports, and every `pub struct` and
`pub enum` of bindings/src. A type is shown when the test calls `shown.debug("Name", ..)` or
`shown.both("Name", ..)` (bindings: "ffi::Name", sync: "sync::Name"), a variant of an error when the test names it.
"""

import pathlib
import re
import sys

TESTS = "tests/it/debug_canary*.rs"
TYPE = r"^\s*pub (?:struct|enum|union) (\w+)"


def sources(folder: str) -> dict[pathlib.Path, str]:
    return {path: path.read_text() for path in sorted(pathlib.Path(folder).rglob("*.rs"))}


def uncommented(text: str) -> str:
    return re.sub(r"//.*", "", text)


def re_exported(lib: str) -> set[str]:
    """Names that `pub use` brings into a crate's root; `a as B` counts as B."""
    names = set()
    for tree in re.findall(r"^pub use ([^;]+);", uncommented(lib), re.M):
        leaves = re.sub(r"[\w]+::", "", tree).translate(str.maketrans("{}", "  ")).split(",")
        names |= {leaf.split(" as ")[-1].strip() for leaf in leaves}
    return names - {""}


def variants(name: str, text: str) -> list[str]:
    """Variants of an enum, where the text defines it; rustfmt's indentation is relied upon."""
    body = re.search(rf"^(\s*)pub enum {name}\b[^{{]*\{{\n(.*?)^\1\}}", text, re.M | re.S)
    return re.findall(rf"^{body[1]}    ([A-Z]\w*)", body[2], re.M) if body else []


def main() -> int:
    core = "\n".join(sources("core/src").values())
    exported = re_exported(pathlib.Path("core/src/lib.rs").read_text())
    types = set(re.findall(TYPE, core, re.M)) & exported
    types |= set(re.findall(TYPE, pathlib.Path("core/src/lib.rs").read_text(), re.M))
    bindings = "\n".join(sources("bindings/src").values())
    types |= {f"ffi::{name}" for name in re.findall(TYPE, bindings, re.M)}
    sync = "\n".join(sources("sync/src").values())
    exported_by_sync = re_exported(pathlib.Path("sync/src/lib.rs").read_text())
    types |= {f"sync::{name}" for name in set(re.findall(TYPE, sync, re.M)) & exported_by_sync}
    test = "\n".join(uncommented(path.read_text()) for path in sorted(pathlib.Path().glob(TESTS)))
    shown = set(re.findall(r"\bshown\.(?:debug|both)\(\s*\"([\w:]+)\"", test))
    faults = [f"{name}: public, but not shown in {TESTS}" for name in sorted(types - shown)]
    faults += [f"{name}: shown in {TESTS}, but no public type" for name in sorted(shown - types)]
    for name in sorted(types & shown):
        text = bindings if name.startswith("ffi::") else sync if name.startswith("sync::") else core
        bare = name.rsplit("::")[-1]
        if bare.endswith("Error"):
            faults += [f"{name}::{variant}: not shown in {TESTS}" for variant in variants(bare, text)
                       if not re.search(rf"\b{bare}::{variant}\b", test)]
    if "*" in exported | exported_by_sync:
        faults.append("lib.rs: a `pub use` of everything hides the list; name the types")
    print("\n".join(faults), end="\n" if faults else "")
    print(f"debug: {len(types & shown)} passed, {len(faults)} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
