"""The core's API crosses the border: open, import, read, search, find, errors, nothing that leaks."""

import json
import os
import tempfile
import unittest

from chartkeep_ffi import CancelToken, ChartkeepError, ResourceId, Unlock, VaultHandle

KEY = bytes(range(32))
CANARY = "Zanzibar"
PATIENT = {
    "resourceType": "Patient",
    "id": f"{CANARY}-1",
    "name": [{"family": CANARY, "given": ["Quill"]}],
    "birthDate": "1970-01-02",
}
CONDITION = {
    "resourceType": "Condition",
    "id": f"{CANARY}-2",
    "subject": {"reference": f"Patient/{CANARY}-1"},
    "code": {"text": f"{CANARY} fever"},
    "recordedDate": "2024-05-06",
}
BUNDLE = json.dumps(
    {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": PATIENT}, {"resource": CONDITION}],
    }
).encode()

# Enough that the import looks at its token.
MANY = b"\n".join(b'{"resourceType":"Basic","id":"b%d"}' % i for i in range(3000))


class VaultTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "me.vault")
        self.vault = VaultHandle.create(self.path, Unlock.key(KEY))
        self.report = self.vault.import_bundle("clinic", BUNDLE)

    def close(self):
        self.vault = None

    def test_import_counts_and_repeats(self):
        self.assertEqual((self.report.added, self.report.same), (2, 0))
        again = self.vault.import_bundle("clinic", BUNDLE)
        self.assertEqual((again.added, again.changed, again.same), (0, 0, 2))
        self.assertEqual(self.vault.info().resources, 2)

    def test_read_is_exact(self):
        found = self.vault.read(ResourceId(connection="clinic", resource_type="Patient", id=PATIENT["id"]))
        self.assertEqual(found.json, json.dumps(PATIENT))
        self.assertEqual(found.version, 1)
        absent = self.vault.read(ResourceId(connection="clinic", resource_type="Patient", id="none"))
        self.assertIsNone(absent)

    def test_search_and_find(self):
        page = self.vault.search(f"Patient?family={CANARY.lower()}")
        self.assertEqual(page.total, 1)
        self.assertEqual(page.rows[0].id.id, PATIENT["id"])
        self.assertEqual(page.rows[0].id.connection, "clinic")
        self.assertIsNone(page.next)
        hits = self.vault.find("feve").hits
        self.assertEqual([hit.row.id.resource_type for hit in hits], ["Condition"])
        self.assertTrue(any(part.matched for part in hits[0].snippet))
        self.assertEqual(self.vault.find("feve", within="Patient").total, 0)

    def test_reopen(self):
        self.close()
        vault = VaultHandle.open_or_create(self.path, Unlock.key(KEY))
        self.assertEqual(vault.search("Condition?").total, 1)

    def test_wrong_key_needs_unlock(self):
        self.close()
        with self.assertRaises(ChartkeepError.NeedsUnlock) as caught:
            VaultHandle.open(self.path, Unlock.key(bytes(32)))
        self.assertEqual(caught.exception.code, "vault.wrong_key")
        self.assertTrue(caught.exception.advice)

    def test_locked_needs_unlock(self):
        self.vault.lock()
        with self.assertRaises(ChartkeepError.NeedsUnlock) as caught:
            self.vault.search("Patient?")
        self.assertEqual(caught.exception.code, "vault.locked")

    def test_wrong_calls_name_the_argument(self):
        with self.assertRaises(ChartkeepError.InvalidCall) as caught:
            self.vault.search("Observation?date=canary-value")
        wrong = caught.exception
        self.assertEqual((wrong.code, wrong.argument), ("search.invalid_value", "date"))
        self.assertIsNotNone(wrong.position)
        self.assertNotIn("canary-value", f"{wrong} {wrong!r}")
        with self.assertRaises(ChartkeepError.InvalidCall) as caught:
            self.vault.import_bundle("clinic", b'{"resourceType": "Patient", "id": ')
        self.assertGreater(caught.exception.position, 0)
        with self.assertRaises(ChartkeepError.InvalidCall) as caught:
            Unlock.key(b"short")
        self.assertEqual(caught.exception.argument, "key")

    def test_second_handle_is_told_to_wait(self):
        with self.assertRaises(ChartkeepError.TryLater) as caught:
            VaultHandle.open(self.path, Unlock.key(KEY))
        self.assertEqual(caught.exception.code, "vault.in_use")

    def test_cancel(self):
        token = CancelToken()
        token.cancel()
        with self.assertRaises(ChartkeepError.Cancelled):
            self.vault.import_bundle("clinic", MANY, token)

    def test_in_memory(self):
        vault = VaultHandle.in_memory()
        vault.import_bundle("clinic", BUNDLE)
        self.assertEqual(vault.info().resources, 2)

    def test_nothing_that_prints_leaks(self):
        page = self.vault.search("Patient?")
        found = self.vault.find(CANARY)
        stored = self.vault.read(page.rows[0].id)
        printed = [
            self.vault, self.report, self.vault.info(), page, page.rows[0], page.rows[0].id,
            found, found.hits[0], found.hits[0].snippet[0], stored, [page], {"row": page.rows[0]},
            Unlock.passphrase(CANARY.encode()),
        ]
        for value in printed:
            for text in (str(value), repr(value), f"{value}", "%r" % (value,)):
                self.assertNotIn(CANARY, text, type(value).__name__)
                self.assertNotIn("Quill", text, type(value).__name__)


if __name__ == "__main__":
    unittest.main()
