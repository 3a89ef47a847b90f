//! The sealed file below redb: keys, header, blocks, order of writes.
