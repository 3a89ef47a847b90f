//! Raw content on its way in: what a server answers for a Binary when it does not answer JSON. It is kept
//! as the FHIR Binary that it stands for, and never lies in memory whole.

use super::Vault;
use super::intake::Raw;
use super::write::WriteTxn;
use crate::Error;
use crate::fhir::{self, BinaryWriter};
use crate::storage::large::{LargeBody, LargeWriter};
use crate::text;

/// Longest id that is taken; FHIR allows 64, servers do not always mind.
const LONGEST_ID: usize = 200;

/// The raw content of a Binary, taken piece by piece. Until [`WriteTxn::put_binary`] it lies sealed in a
/// file without a name beside the vault, and is gone if it is dropped.
///
/// ```
/// use chartkeep::{ResourceId, Vault};
///
/// let vault = Vault::in_memory();
/// let clinic = vault.local_connection("clinic")?;
/// let mut letter = vault.binary("letter-1", "text/plain")?;
/// letter.push(b"Dear ")?;
/// letter.push(b"patient")?;
/// vault.write(clinic, |txn| txn.put_binary(letter))?;
///
/// let stored = vault.read(&ResourceId::new(clinic, "Binary", "letter-1"))?.expect("written above");
/// assert!(stored.bytes().ends_with(br#""contentType":"text/plain","data":"RGVhciBwYXRpZW50"}"#));
/// assert_eq!(vault.find("patient")?.total, 1);
/// # Ok::<(), chartkeep::Error>(())
/// ```
pub struct BinaryContent {
    id: String,
    content_type: String,
    form: BinaryWriter,
    body: LargeWriter,
    /// As much as is searched for text.
    front: Vec<u8>,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for BinaryContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BinaryContent").finish_non_exhaustive()
    }
}

impl BinaryContent {
    /// Takes the next bytes of the content.
    ///
    /// # Errors
    /// Those of the file system; [`Error::NoSpace`].
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Error> {
        let room = text::SEARCHED.saturating_sub(self.front.len());
        self.front.extend_from_slice(&piece[..room.min(piece.len())]);
        self.buffer.clear();
        self.form.piece(piece, &mut self.buffer);
        self.body.push(&self.buffer)
    }

    fn finish(mut self) -> Result<(String, [u8; 16], LargeBody), Error> {
        self.buffer.clear();
        let hash = self.form.end(&mut self.buffer);
        self.body.push(&self.buffer)?;
        let stand_in = fhir::stand_in(&self.id, &self.content_type, &self.front);
        Ok((stand_in, hash, self.body.finish()?))
    }
}

impl Vault {
    /// Begins to take the raw content of the Binary `id`, of the media type `content_type`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no id or no media type;
    /// [`Error::NoSpace`]; those of the file system.
    pub fn binary(&self, id: &str, content_type: &str) -> Result<BinaryContent, Error> {
        let in_id = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(in_id) {
            let expected = "an id of letters, digits, '-' and '.'";
            return Err(Error::Invalid { argument: "id", expected });
        }
        let plain = |b: u8| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\';
        if !content_type.contains('/') || !content_type.bytes().all(plain) {
            let expected = "a media type, such as application/pdf";
            return Err(Error::Invalid { argument: "content_type", expected });
        }
        self.0.state()?;
        let mut buffer = Vec::new();
        let form = BinaryWriter::begin(id, content_type, &mut buffer);
        let mut body = LargeWriter::new(self.0.db.spool()?)?;
        body.push(&buffer)?;
        let (id, content_type) = (id.to_owned(), content_type.to_owned());
        Ok(BinaryContent { id, content_type, form, body, front: Vec::new(), buffer })
    }
}

impl WriteTxn<'_> {
    /// Takes a Binary whose content is all there.
    ///
    /// # Errors
    /// Those of reading what the vault has of it already, and of the file system.
    pub fn put_binary(&mut self, binary: BinaryContent) -> Result<(), Error> {
        let (stand_in, hash, body) = binary.finish()?;
        self.put_raw(&stand_in, Raw { hash, body })
    }
}
