//! zstd with dictionaries: one that comes with the library, then the vault's own. A lost dictionary would
//! be a lost record, so each of the vault's is stored as three copies, in small parts, in three tables.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use zstd::zstd_safe::{CCtx, CDict, DCtx, DDict, InBuffer, OutBuffer};

use super::codec::put_varint;
use super::tables::{DICTIONARIES, key32_with};
use super::txn::{ReadTables, WriteTables};
use crate::Error;
use crate::seal::sha256;

/// The level everything is compressed at: above it, time grows faster than anything shrinks.
pub(super) const LEVEL: i32 = 3;
/// Largest dictionary.
const DICTIONARY_BYTES: usize = 65_536;
/// Bytes of a stored part; damage to a block loses one part of one copy.
const PART_BYTES: usize = 3_072;
/// Numbers from here on are dictionaries that come with the library: none is ever changed or taken away,
/// for vaults refer to them. Those of a vault count from 1.
const SHIPPED: u32 = 1 << 31;
/// Resources a dictionary is trained on at least.
pub(crate) const SAMPLES_NEEDED: usize = 1_000;
/// Longer bodies do not represent their like and would crowd out the others.
const LONGEST_SAMPLE: usize = 32 << 10;

/// A dictionary, ready for use. Its number is never reused.
pub(crate) struct Dictionary {
    pub(crate) id: u32,
    bytes: Vec<u8>,
    compress: CDict<'static>,
    decompress: DDict<'static>,
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dictionary({})", self.id)
    }
}

impl Dictionary {
    fn new(id: u32, bytes: Vec<u8>) -> Result<Self, Error> {
        let compress = CDict::try_create(&bytes, LEVEL).ok_or(Error::Inconsistent("dictionary"))?;
        let decompress = DDict::try_create(&bytes).ok_or(Error::Inconsistent("dictionary"))?;
        Ok(Self { id, bytes, compress, decompress })
    }

    /// Trains on `samples`; `None` where there is too little to learn from.
    pub(crate) fn train<'a>(id: u32, samples: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let mut data = Vec::new();
        let mut sizes = Vec::new();
        for sample in samples.filter(|s| s.len() <= LONGEST_SAMPLE) {
            data.extend_from_slice(sample);
            sizes.push(sample.len());
        }
        if sizes.len() < SAMPLES_NEEDED {
            return None;
        }
        let size = DICTIONARY_BYTES.min(data.len() / 8);
        let bytes = zstd::dict::from_continuous(&data, &sizes, size).ok()?;
        Self::new(id, bytes).ok()
    }

    pub(crate) fn store(&self, tables: &WriteTables) -> Result<(), Error> {
        let parts = self.bytes.chunks(PART_BYTES);
        let count = parts.len() as u64;
        for (number, part) in (0u32..).zip(parts) {
            let mut content = Vec::with_capacity(part.len() + 40);
            put_varint(&mut content, count);
            content.extend_from_slice(&sha256(part));
            content.extend_from_slice(part);
            for table in DICTIONARIES {
                tables.put(table, &key32_with(self.id, &number.to_be_bytes()), &content)?;
            }
        }
        Ok(())
    }
}

/// Every dictionary of the vault, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dictionaries(BTreeMap<u32, Arc<Dictionary>>);

impl Dictionaries {
    /// Reads all; each part from the first copy that is whole.
    pub(crate) fn load(tables: &ReadTables) -> Result<Self, Error> {
        let mut all = BTreeMap::new();
        let mut id = 1u32;
        while let Some(bytes) = load_one(tables, id)? {
            all.insert(id, Arc::new(Dictionary::new(id, bytes)?));
            id += 1;
        }
        Ok(Self(all))
    }

    /// The one that new bodies are compressed with: the vault's own, or else the newest shipped one.
    pub(crate) fn newest(&self) -> Option<&Arc<Dictionary>> {
        self.0.values().next_back().or_else(|| shipped(SHIPPED))
    }

    /// The vault's first own dictionary, trained on `samples`, while it has none.
    pub(crate) fn first<'a>(
        &self,
        samples: impl Iterator<Item = &'a [u8]>,
    ) -> Option<Arc<Dictionary>> {
        match self.0.is_empty() {
            true => Dictionary::train(1, samples).map(Arc::new),
            false => None,
        }
    }

    pub(crate) fn with(&self, dictionary: Arc<Dictionary>) -> Self {
        let mut all = self.0.clone();
        all.insert(dictionary.id, dictionary);
        Self(all)
    }

    /// The dictionary of this number; 0 stands for none.
    pub(crate) fn get(&self, id: u32) -> Result<Option<&Dictionary>, Error> {
        if id == 0 {
            return Ok(None);
        }
        let found = if id >= SHIPPED { shipped(id) } else { self.0.get(&id) };
        found.map(|d| Some(&**d)).ok_or(Error::Inconsistent("dictionary"))
    }
}

/// The dictionary of this number that the library brings.
fn shipped(id: u32) -> Option<&'static Arc<Dictionary>> {
    static FIRST: LazyLock<Option<Arc<Dictionary>>> = LazyLock::new(|| {
        let bytes = include_bytes!("../../data/dictionary-1.zdict").to_vec();
        Dictionary::new(SHIPPED, bytes).ok().map(Arc::new)
    });
    if id == SHIPPED { FIRST.as_ref() } else { None }
}

fn load_one(tables: &ReadTables, id: u32) -> Result<Option<Vec<u8>>, Error> {
    let mut bytes = Vec::new();
    let mut count = 1;
    let mut number = 0u32;
    while u64::from(number) < count {
        let key = key32_with(id, &number.to_be_bytes());
        let mut found = None;
        let mut present = false;
        for table in DICTIONARIES {
            let Some(stored) = tables.get(table, &key)? else { continue };
            present = true;
            let Ok(mut reader) = stored.content() else { continue };
            let (Ok(total), Ok(hash)) = (reader.varint(), reader.array::<32>()) else { continue };
            let part = reader.rest();
            if sha256(part) == hash {
                found = Some((total, part.to_vec()));
                break;
            }
        }
        match found {
            Some((total, part)) => {
                count = total;
                bytes.extend_from_slice(&part);
            }
            None if number == 0 && !present => return Ok(None),
            None => return Err(Error::Inconsistent("dictionary")),
        }
        number += 1;
    }
    Ok(Some(bytes))
}

thread_local! {
    static COMPRESS: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
    static DECOMPRESS: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

/// One zstd frame.
pub(crate) fn compress(dictionary: Option<&Dictionary>, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(zstd::zstd_safe::compress_bound(plain.len()));
    COMPRESS
        .with_borrow_mut(|context| match dictionary {
            Some(dictionary) => context.compress_using_cdict(&mut out, plain, &dictionary.compress),
            None => context.compress(&mut out, plain, LEVEL),
        })
        .map_err(|_| Error::TooLarge)?;
    Ok(out)
}

/// The plain bytes of one frame, which must be exactly `length`.
pub(crate) fn decompress(
    dictionary: Option<&Dictionary>,
    packed: &[u8],
    length: usize,
) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(length);
    DECOMPRESS
        .with_borrow_mut(|context| match dictionary {
            Some(dictionary) => {
                context.decompress_using_ddict(&mut out, packed, &dictionary.decompress)
            }
            None => context.decompress(&mut out, packed),
        })
        .map_err(|_| Error::Inconsistent("compressed body"))?;
    if out.len() == length { Ok(out) } else { Err(Error::Inconsistent("compressed body")) }
}

/// The plain bytes of one frame whose packed bytes come in parts, which `read` hands over in order.
pub(crate) fn decompress_parts(
    dictionary: Option<&Dictionary>,
    length: usize,
    read: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error>,
) -> Result<Vec<u8>, Error> {
    const DAMAGED: Error = Error::Inconsistent("compressed body");
    let mut out = Vec::with_capacity(length);
    let mut ended = false;
    let mut context = DCtx::create();
    if let Some(dictionary) = dictionary {
        context.ref_ddict(&dictionary.decompress).map_err(|_| DAMAGED)?;
    }
    read(&mut |part| {
        let mut part = InBuffer::around(part);
        while part.pos() < part.src.len() {
            let before = (part.pos(), out.len());
            let mut rest = OutBuffer::around_pos(&mut out, before.1);
            let left = context.decompress_stream(&mut rest, &mut part).map_err(|_| DAMAGED)?;
            // What follows the end, or does not fit, is not what was stored.
            if ended || before == (part.pos(), out.len()) {
                return Err(DAMAGED);
            }
            ended = left == 0;
        }
        Ok(())
    })?;
    if ended && out.len() == length { Ok(out) } else { Err(DAMAGED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(i: usize) -> Vec<u8> {
        format!(
            r#"{{"resourceType":"Observation","id":"o{i}","status":"final","valueQuantity":{{"value":{},"unit":"mg"}}}}"#,
            i * 7919 % 1000
        )
        .into_bytes()
    }

    #[test]
    fn a_trained_dictionary_makes_bodies_smaller_and_gives_them_back() {
        let samples: Vec<Vec<u8>> = (0..2_000).map(sample).collect();
        let dictionary = Dictionary::train(1, samples.iter().map(Vec::as_slice)).unwrap();
        let body = sample(3_001);
        let with = compress(Some(&dictionary), &body).unwrap();
        let without = compress(None, &body).unwrap();
        assert!(with.len() * 2 < without.len());
        assert_eq!(decompress(Some(&dictionary), &with, body.len()).unwrap(), body);
        assert!(decompress(Some(&dictionary), &with, body.len() + 1).is_err());
        assert!(decompress(None, &with[..with.len() - 1], body.len()).is_err());
    }

    #[test]
    fn the_shipped_dictionary_is_the_one_that_vaults_refer_to() {
        let dictionary = Dictionaries::default().newest().cloned().unwrap();
        let name: String =
            sha256(&dictionary.bytes)[..8].iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!((dictionary.id, name.as_str()), (SHIPPED, "33412c3646c1ca8b"));
        let body = br#"{"resourceType":"Patient","id":"p","meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]}}"#;
        let packed = compress(Some(&dictionary), body).unwrap();
        assert!(packed.len() * 2 < compress(None, body).unwrap().len());
        let none = Dictionaries::default();
        let known = none.get(SHIPPED).unwrap();
        assert_eq!(decompress(known, &packed, body.len()).unwrap(), body);
        assert!(none.get(SHIPPED + 1).is_err() && none.get(1).is_err());
    }

    #[test]
    fn too_few_samples_train_nothing() {
        let samples: Vec<Vec<u8>> = (0..999).map(sample).collect();
        assert!(Dictionary::train(1, samples.iter().map(Vec::as_slice)).is_none());
    }
}
