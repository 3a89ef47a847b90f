//! The place in an answer where the next page begins: the last row given out and a hash of the
//! query. Rows are never renumbered, and what a row is sorted by never changes, so the place
//! stays right whatever is added meanwhile.

/// First digits of every cursor, so that a later form is told apart.
const FORM: &str = "1";

/// Hash of the parts of a query that decide which rows come in which order (FNV-1a).
pub(crate) fn hash<'t>(parts: impl Iterator<Item = &'t str>) -> u64 {
    let bytes = parts.flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

pub(crate) fn write(hash: u64, row: u32) -> String {
    format!("{FORM}{hash:016x}{row:08x}")
}

/// The row, when the cursor is one of the query with this hash.
pub(crate) fn read(text: &str, hash: u64) -> Option<u32> {
    let (query, row) = text.strip_prefix(FORM)?.split_at_checked(16)?;
    let digits = row.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let belongs = digits && u64::from_str_radix(query, 16).ok()? == hash;
    u32::from_str_radix(row, 16).ok().filter(|_| belongs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_by_its_own_query_only() {
        let cursor = write(7, 5);
        assert_eq!(read(&cursor, 7), Some(5));
        assert_eq!(read(&cursor, 8), None);
        for cut in 0..cursor.len() {
            assert_eq!(read(&cursor[..cut], 7), None);
        }
        for wrong in ["", "1é00000000000000000000005", "100000000000000070000000+5", "2"] {
            assert_eq!(read(wrong, 7), None);
        }
        assert_ne!(hash(["ab", "c"].into_iter()), hash(["a", "bc"].into_iter()));
    }
}
