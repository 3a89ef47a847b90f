#!/usr/bin/env python3
"""Checks what the compiler does not: layers, file sizes, unfinished work, documents, foreign names.

Prints one line per fault and a closing count; the rules are design part 2 and CONTRIBUTING habits.
"""

import os
import pathlib
import re
import subprocess
import sys

# A module of core names only modules to its right.
MODULES = ["testing", "vault", "search", "text", "index", "source", "storage", "seal", "fhir", "error", "clock"]
# Where a crate may be named: a pattern over the crate's name in code, and a pattern over paths.
CRATES = {
    r"redb": r"core/src/(storage|seal)(/|\.rs)",
    r"tantivy\w*": r"core/src/text(/|\.rs)",
    r"(xaes_256_gcm|chacha20poly1305|aes|aes_gcm|aws_lc_rs::(aead|cipher))": r"core/src/seal/cipher(/|\.rs)",
    r"aws_lc_rs": r"(core/src/(seal/|fhir/(hash|binary)\.rs)|(sync|examples/sandbox)/src/oauth/)",
    r"argon2": r"core/src/seal/",
    r"reqwest": r"(sync/src/http\.rs|tests/bench/)",
    r"tokio": r"(sync|bindings|examples|tests)/",
    r"uniffi": r"bindings/",
    r"rusqlite": r"tests/bench/",
}
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md", "LICENSE-MIT",
             "LICENSE-APACHE", "docs/format.md", "docs/adr"]
# Written with character classes, so that this file does not name what it looks for.
UNFINISHED = r"\b(todo|unimplemented)[!]\(|\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|\b(not (yet )?impl[e]mented|f[o]r now|placeh[o]lder|st[u]bbed)\b"
HOSTS = r"(crates[.]io|pypi[.]org|npmjs[.](org|com)|repo1?[.]maven|deb[.]debian|proxy[.]golang)"
MACHINE = r"(/[w]ork/|/[f]arm/|/[r]oot/|/[t]mp/bash)"
LOCK_FILES = r"(Cargo\.lock|-lock\.json)$"
MAX_LINES = 400
MAX_KIB = 600


def production(text: str) -> str:
    """The part of a source file before its unit tests."""
    return re.split(r"(?m)^#\[cfg\(test\)\]\nmod \w+ \{", text)[0]


def code_lines(text: str):
    """Numbered lines without comments."""
    for number, line in enumerate(text.splitlines(), 1):
        yield number, re.sub(r"//.*", "", line)


def named_modules(text: str):
    """Modules of core that a source file names, with the line: `crate::a::…`, `use crate::{a, b::…}`."""
    code = "\n".join(line for _, line in code_lines(text))
    for match in re.finditer(r"\bcrate::(\w+|\{)", code):
        line = code.count("\n", 0, match.start()) + 1
        if match[1] != "{":
            yield line, match[1]
            continue
        depth, word = 0, ""
        for char in code[match.end(1) - 1:]:
            if char in "{,}" and depth <= 1:
                if word.strip():
                    yield line, word.strip().split("::")[0]
                word = ""
            depth += {"{": 1, "}": -1}.get(char, 0)
            if depth == 0:
                break
            if depth == 1 and char not in "{,}":
                word += char


def is_test(path: str) -> bool:
    """Whether a file is tests alone: unit tests in a file of their own, the integration suites."""
    return re.search(r"tests\.rs$|^tests/(it|oracle|data)/|/tests/", path) is not None


def rust_faults(path: str, text: str):
    in_tests = is_test(path)
    shipped = production(text)
    if not text.startswith(("//!", "#![doc = include_str!(")) and not re.search(r"tests\.rs$", path):
        yield 1, "does not open with //! documentation"
    lines = shipped.count("\n")
    if lines > MAX_LINES and not in_tests:
        yield lines, f"{lines} lines before its tests (at most {MAX_LINES}: split by noun)"
    for number, line in code_lines(text):
        for crate, allowed in CRATES.items():
            if re.search(rf"\b(?<!::){crate}::|\buse {crate}\b", line) and not re.match(allowed, path):
                if not (in_tests or path.startswith("tests/")):
                    yield number, f"names {re.search(crate, line)[0]} outside {allowed}"
    module = re.match(r"core/src/(\w+)", path)
    if module and module[1] in MODULES and not in_tests:
        rank = MODULES.index(module[1])
        for number, name in named_modules(shipped):
            if name in MODULES[:rank]:
                yield number, f"{module[1]} names crate::{name}, which lies above it"


def text_faults(path: str, text: str):
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(HOSTS, line):
            yield number, "names a package host"
        if re.search(MACHINE, line):
            yield number, "names a path of one machine"
        if re.search(UNFINISHED, line) and path.endswith((".rs", ".py", ".sh", ".js", ".mjs", ".swift", ".kt")):
            yield number, "unfinished work"


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, stdout=subprocess.PIPE).stdout
    paths = sorted({p for p in listed.decode().split("\0") if p and pathlib.Path(p).is_file()})
    faults, rust, sizes = [], 0, []
    for path in paths:
        data = pathlib.Path(path).read_bytes()
        if len(data) > MAX_KIB * 1024:
            faults.append(f"{path}: {len(data) // 1024} KiB (at most {MAX_KIB})")
        if re.search(LOCK_FILES, path) or b"\0" in data:
            continue
        text = data.decode(errors="replace")
        found = list(text_faults(path, text))
        if path.endswith(".rs"):
            rust += 1
            sizes += [] if is_test(path) else [production(text).count("\n")]
            found += rust_faults(path, text)
        faults += [f"{path}:{number}: {what}" for number, what in found]
    for document in DOCUMENTS:
        there = pathlib.Path(document)
        if not (any(there.iterdir()) if there.is_dir() else there.is_file() and there.stat().st_size):
            faults.append(f"{document}: missing or empty")
    if not os.access(".ci/run", os.X_OK):
        faults.append(".ci/run: missing, or without a run bit")
    print("\n".join(faults), end="\n" if faults else "")
    median = sorted(sizes)[len(sizes) // 2] if sizes else 0
    print(f"{len(paths)} files, {rust} of Rust; lines before tests: median {median}, largest {max(sizes, default=0)}")
    print(f"layers: {len(paths) + len(DOCUMENTS)} passed, {len(faults)} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
