#!/usr/bin/env python3
"""A second reader of a Chartkeep vault, written from docs/format.md alone.

Opens a closed or crashed vault by raw key or passphrase, checks both header copies, the unlock
slot, the header's MAC, both page-0 slots, the tag and the associated data of every block and the
nonce table, and writes the plain page image, which stock redb 4.6 opens.

    second_reader.py VAULT (--key-file F | --passphrase-file F) --image OUT [--json]

A key file holds 32 raw bytes, or 64 hex digits. A passphrase file holds the passphrase; one line
break at its end is not part of it. Needs the packages cryptography and argon2-cffi.
"""

import argparse
import hashlib
import hmac
import json
import struct
import sys
import unicodedata

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import cmac, hashes
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

MAGIC = b"\x89CKV\r\n\x1a\n"
HEADER_LEN = 20_480
HEADER_COPIES = (0, 20_480)
PAGE_ZERO_SLOTS = (40_960, 45_056)
PAGE_ZERO_LEN = 4_096
BASE = 49_152
PAGE_LEN = 4_096
IMAGE_LEN = 320
SLOTS_AT, SLOT_LEN, SLOTS = 256, 2_512, 8
MAC_AT, SUM_AT = 20_416, 20_448
PINS_PER_RECORD = 512
PAGE_ZERO, DATA, TABLE = 1, 2, 3


class Damaged(Exception):
    """The vault is not what the format says."""


# --- ciphers -----------------------------------------------------------------------------------


def xaes_key(key, nonce):
    """C2SP XAES-256-GCM: two AES-CMAC blocks (SP 800-108 in counter mode) give the message key."""
    derived = b""
    for counter in (1, 2):
        mac = cmac.CMAC(algorithms.AES(key))
        mac.update(bytes([0, counter]) + b"X\x00" + nonce[:12])
        derived += mac.finalize()
    return derived


def rotl(value, count):
    return ((value << count) | (value >> (32 - count))) & 0xFFFFFFFF


def hchacha20(key, nonce16):
    state = list(struct.unpack("<4I", b"expand 32-byte k"))
    state += struct.unpack("<8I", key) + struct.unpack("<4I", nonce16)

    def quarter(a, b, c, d):
        for x, y, z, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            state[z] = rotl(state[z] ^ state[x], count)

    for _ in range(10):
        for column in range(4):
            quarter(column, 4 + column, 8 + column, 12 + column)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<8I", *state[:4], *state[12:])


def unseal(suite, key, record, aad):
    """record = nonce 24 | ciphertext | tag 16."""
    nonce, sealed = record[:24], record[24:]
    try:
        if suite == 1:
            return AESGCM(xaes_key(key, nonce)).decrypt(nonce[12:], sealed, aad)
        if suite == 2:
            inner = ChaCha20Poly1305(hchacha20(key, nonce[:16]))
            return inner.decrypt(bytes(4) + nonce[16:], sealed, aad)
    except InvalidTag:
        return None
    raise Damaged(f"unknown suite {suite}")


def hkdf_extract(salt, secret):
    return hmac.new(salt, secret, hashlib.sha256).digest()


def hkdf_expand(prk, info, length):
    return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=info).derive(prk)


def check_ciphers():
    """Published vectors: C2SP XAES-256-GCM, draft-irtf-cfrg-xchacha 2.2.1."""
    nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX"
    for key, aad, want in (
        (b"\x01" * 32, b"", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        (
            b"\x03" * 32,
            b"c2sp.org/XAES-256-GCM",
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
        ),
    ):
        assert unseal(1, key, nonce + bytes.fromhex(want), aad) == b"XAES-256-GCM"
    out = hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927"))
    assert out.hex().startswith("82413b4227b27bfed30e42508a877d73")


# --- header ------------------------------------------------------------------------------------


class Header:
    def __init__(self, copy):
        self.bytes = copy
        self.major, self.minor, self.length = struct.unpack_from("<HHI", copy, 8)
        self.must, self.read_only, self.ignorable = struct.unpack_from("<QQQ", copy, 16)
        self.vault_id = copy[40:56]
        self.sequence, self.epoch = struct.unpack_from("<QI", copy, 56)
        self.suite, self.block_format = struct.unpack_from("<HH", copy, 68)
        self.stride, self.page = struct.unpack_from("<II", copy, 72)

    def fault(self):
        if self.bytes[:8] != MAGIC:
            return "no magic"
        if hashlib.sha256(self.bytes[:SUM_AT]).digest() != self.bytes[SUM_AT:]:
            return "wrong checksum"
        if self.major != 1 or self.must != 0 or self.block_format != 1:
            return "newer format"
        if self.length != HEADER_LEN or self.stride not in (4_608, 8_192) or self.page != PAGE_LEN:
            return "wrong lengths"
        if any(self.bytes[80:256]) or any(self.bytes[20_352:20_416]):
            return "reserved bytes that are not zero"
        return None

    def slots(self):
        for k in range(SLOTS):
            at = SLOTS_AT + k * SLOT_LEN
            yield k, self.bytes[at : at + SLOT_LEN]


def open_slot(header, slot, key, passphrase):
    """The vault master key, or None."""
    kind, flags, body_len, m, t, p = struct.unpack_from("<BBHIII", slot, 0)
    salt, commitment = slot[32:64], slot[64:96]
    if kind == 1 and key is not None:
        secret = key
        if (m, t, p, body_len) != (0, 0, 0, 0):
            raise Damaged("a raw key slot with derivation parameters")
    elif kind == 2 and passphrase is not None:
        if not (19 * 1024 <= m <= 1 << 20 and 2 <= t <= 10 and m * t <= 2 << 20 and p == 1):
            raise Damaged("key derivation out of bounds")
        secret = hash_secret_raw(passphrase, salt, t, m, p, 32, Type.ID, 0x13)
    else:
        return None
    if any(slot[168:]):
        raise Damaged("a slot body that is not zero")
    kek = hkdf_extract(salt, secret)
    keys = hkdf_expand(kek, b"chartkeep/1/slot\x00" + slot[:64] + header.vault_id, 64)
    if not hmac.compare_digest(keys[32:], commitment):
        return None
    return unseal(header.suite, keys[:32], slot[96:168], b"")


# --- the vault ---------------------------------------------------------------------------------


class Vault:
    def __init__(self, data, key, passphrase):
        self.data = data
        copies = [Header(data[at : at + HEADER_LEN]) for at in HEADER_COPIES]
        for name, copy in zip("AB", copies):
            if fault := copy.fault():
                raise Damaged(f"header copy {name}: {fault}")
        if copies[0].bytes != copies[1].bytes:
            raise Damaged("the header copies differ")
        self.header = header = copies[0]
        opened = [
            (k, vmk)
            for k, slot in header.slots()
            if (vmk := open_slot(header, slot, key, passphrase)) is not None
        ]
        if not opened:
            raise Damaged("no slot opens with this secret")
        self.slot, vmk = opened[0]
        self.prk = hkdf_extract(header.vault_id, vmk)
        mac = hmac.new(self.key("header", 0), header.bytes[:MAC_AT], hashlib.sha256).digest()
        if not hmac.compare_digest(mac, header.bytes[MAC_AT:SUM_AT]):
            raise Damaged("the header's MAC is wrong")
        self.page_key = self.key("page", header.epoch)
        self.page_zero()

    def key(self, name, epoch):
        info = b"chartkeep/1/" + name.encode() + b"\x00"
        return hkdf_expand(self.prk, info + struct.pack("<HI", self.header.suite, epoch), 32)

    def aad(self, area, number, counter):
        h = self.header
        return (
            struct.pack("<HHI", h.block_format, h.suite, h.epoch)
            + h.vault_id
            + struct.pack("<B7xQQ", area, number, counter)
        )

    def page_zero(self):
        found = []
        for index, at in enumerate(PAGE_ZERO_SLOTS):
            record = self.data[at : at + PAGE_ZERO_LEN]
            body = unseal(self.header.suite, self.page_key, record, self.aad(PAGE_ZERO, index, 0))
            if body is None:
                raise Damaged(f"page-0 slot {index} is damaged")
            if any(body[329:336]) or any(body[368:]):
                raise Damaged(f"page-0 slot {index} has reserved bytes that are not zero")
            counter, clean, n, records, lowest, walked = struct.unpack_from("<QQQQQQ", body, 320)
            found.append((counter, clean, n, records, lowest, walked, body[:IMAGE_LEN]))
        if abs(found[0][0] - found[1][0]) != 1:
            raise Damaged("the page-0 counters are not neighbours")
        newest = max(found)
        self.counter, self.clean, self.n, self.records, self.lowest, self.walked, self.image = newest
        if self.header.sequence < self.lowest:
            raise Damaged("the header was put back")

    def record_at(self, number):
        at = BASE + number * self.header.stride
        return self.data[at : at + self.header.stride]

    def body(self, record, area, number, counter):
        body = unseal(self.header.suite, self.page_key, record, self.aad(area, number, counter))
        if body is not None and any(body[PAGE_LEN + 8 :]):
            raise Damaged(f"padding of record {number} in area {area} is not zero")
        return body

    def pins(self):
        if self.records != -(-(self.n - 1) // PINS_PER_RECORD):
            raise Damaged("wrong number of records in the nonce table")
        if len(self.data) != BASE + (self.n - 1 + self.records) * self.header.stride:
            raise Damaged("a clean vault of the wrong length")
        pins = []
        for r in range(self.records):
            body = self.body(self.record_at(self.n - 1 + r), TABLE, r, self.counter)
            if body is None:
                raise Damaged(f"record {r} of the nonce table is damaged")
            if struct.unpack_from("<Q", body, PAGE_LEN)[0] != self.counter:
                raise Damaged(f"record {r} of the nonce table has the wrong counter")
            pins.extend(struct.unpack_from("<512Q", body, 0))
        if any(pins[self.n - 1 :]):
            raise Damaged("pins behind the last block")
        return pins[: self.n - 1]

    def pages(self):
        """Every page in order, and what was found: (page image, counts)."""
        counts = {"sealed": 0, "unused": 0, "undecided": 0}
        if self.clean:
            pins = self.pins()
        else:
            self.n = 1 + (len(self.data) - BASE) // self.header.stride
            pins = None
        image = bytearray(self.n * PAGE_LEN)
        image[:IMAGE_LEN] = self.image
        for i in range(1, self.n):
            record = self.record_at(i - 1)
            if pins is not None and pins[i - 1] == 0:
                counts["unused"] += 1
                continue
            body = self.body(record, DATA, i, 0)
            if pins is None:
                # What a crash left: without redb's trees nothing tells torn from unused.
                if body is None:
                    counts["undecided"] += 1
                    continue
            elif body is None:
                raise Damaged(f"block {i} is damaged")
            elif struct.unpack_from("<Q", record, 0)[0] != pins[i - 1]:
                raise Damaged(f"block {i} was replaced by another copy")
            if struct.unpack_from("<Q", body, PAGE_LEN)[0] > self.counter:
                raise Damaged(f"block {i} is from the future")
            image[i * PAGE_LEN : (i + 1) * PAGE_LEN] = body[:PAGE_LEN]
            counts["sealed"] += 1
        return bytes(image), counts


def read_key(path):
    with open(path, "rb") as file:
        raw = file.read()
    if len(raw) != 32:
        raw = bytes.fromhex(raw.decode("ascii").strip())
    if len(raw) != 32:
        raise SystemExit("a key is 32 bytes")
    return raw


def read_passphrase(path):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    text = text.removesuffix("\n").removesuffix("\r")
    return unicodedata.normalize("NFC", text).encode("utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vault")
    secret = parser.add_mutually_exclusive_group(required=True)
    secret.add_argument("--key-file")
    secret.add_argument("--passphrase-file")
    parser.add_argument("--image", required=True, help="where the plain page image goes")
    parser.add_argument("--json", action="store_true", help="tell what was found as JSON")
    args = parser.parse_args()
    check_ciphers()
    key = read_key(args.key_file) if args.key_file else None
    passphrase = read_passphrase(args.passphrase_file) if args.passphrase_file else None
    with open(args.vault, "rb") as file:
        data = file.read()
    try:
        vault = Vault(data, key, passphrase)
        image, counts = vault.pages()
    except Damaged as damage:
        raise SystemExit(f"refused: {damage}") from None
    with open(args.image, "wb") as file:
        file.write(image)
    found = {
        "vault_id": vault.header.vault_id.hex(),
        "format": f"{vault.header.major}.{vault.header.minor}",
        "suite": vault.header.suite,
        "stride": vault.header.stride,
        "epoch": vault.header.epoch,
        "header_sequence": vault.header.sequence,
        "slot": vault.slot,
        "counter": vault.counter,
        "clean": bool(vault.clean),
        "blocks": vault.n,
        **counts,
    }
    if args.json:
        print(json.dumps(found))
    else:
        print(", ".join(f"{name} {value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
