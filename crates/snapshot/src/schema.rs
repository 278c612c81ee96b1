//! The file format: JSON under zstd, named by a schema.

use std::io::Read as _;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Snapshot;

/// The name of the format that this version writes.
pub const SCHEMA: &str = "plumbline.snapshot/1";

/// The most that a snapshot file may unpack to, in bytes: a guard against files made to exhaust memory.
pub const MAX_FILE_BYTES: u64 = 2 << 30;

/// The zstd level: the library's default, a good ratio at some hundred MB a second.
const LEVEL: i32 = 3;

/// Text on its way into a file is packed in pieces of so many bytes.
const CHUNK: usize = 1 << 16;

/// Why a file could not be written or read as a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The zstd frame is damaged, or it is no zstd at all.
    #[error("unpacking: {0}")]
    Unpack(std::io::Error),
    /// It unpacks to more than [`MAX_FILE_BYTES`].
    #[error("unpacking: more than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// The JSON is no snapshot.
    #[error("reading its JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The file was written by another version.
    #[error(
        "its schema is `{found}`, this version reads `{wanted}`: use the version that wrote it, or take a new snapshot"
    )]
    Schema {
        /// The schema that the file names.
        found: String,
        /// The schema that this version reads.
        wanted: &'static str,
    },
    /// Packing failed.
    #[error("packing: {0}")]
    Pack(std::io::Error),
}

fn encoder() -> std::io::Result<zstd::stream::write::Encoder<'static, Vec<u8>>> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}

/// Packs a value as JSON on its way into the file: the whole text is never in memory. With a checksum, so that a damaged
/// file is never taken for another one.
///
/// # Errors
/// [`FileError::Json`] or [`FileError::Pack`] if the value cannot be written.
pub fn pack_json(value: &impl Serialize) -> Result<Vec<u8>, FileError> {
    let mut out = std::io::BufWriter::with_capacity(CHUNK, encoder().map_err(FileError::Pack)?);
    serde_json::to_writer(&mut out, value)?;
    let encoder = out.into_inner().map_err(|error| FileError::Pack(error.into_error()))?;
    encoder.finish().map_err(FileError::Pack)
}

/// What a packed JSON of this schema holds.
pub(crate) fn unpack_json<T: DeserializeOwned>(bytes: &[u8], schema: &'static str) -> Result<T, FileError> {
    #[derive(Deserialize)]
    struct Named {
        schema: String,
    }
    // Twice through the file, since it may be of another version and not of this shape: unpacked it need not fit.
    let Named { schema: found } = unpacked(bytes)?;
    if found != schema {
        return Err(FileError::Schema { found, wanted: schema });
    }
    unpacked(bytes)
}

/// What the JSON in a packed file says, read as it is unpacked.
fn unpacked<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FileError> {
    let decoder = zstd::stream::read::Decoder::new(bytes).map_err(FileError::Unpack)?;
    let mut text = std::io::BufReader::with_capacity(CHUNK, decoder.take(MAX_FILE_BYTES + 1));
    let value = serde_json::from_reader(&mut text);
    // WHY: also after the last bracket: the checksum of the file stands at its end.
    let rest = std::io::copy(&mut text, &mut std::io::sink());
    if text.get_ref().limit() == 0 {
        return Err(FileError::TooLarge);
    }
    rest.map_err(FileError::Unpack)?;
    value.map_err(|error| if error.is_io() { FileError::Unpack(error.into()) } else { error.into() })
}

impl Snapshot {
    /// The snapshot as the bytes of a file. Equal snapshots give equal bytes.
    ///
    /// # Errors
    /// [`FileError::Json`] or [`FileError::Pack`] if the value cannot be written, which no value read here causes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FileError> {
        pack_json(self)
    }

    /// The snapshot as the JSON of its file, before packing. Equal snapshots give equal text.
    ///
    /// # Errors
    /// [`FileError::Json`], as for [`Snapshot::to_bytes`].
    pub fn to_json(&self) -> Result<String, FileError> {
        Ok(serde_json::to_string(self)?)
    }

    /// The snapshot in a file's bytes.
    ///
    /// # Errors
    /// [`FileError`]: damaged, too large, not JSON, or of another schema.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        let mut snapshot: Self = unpack_json(bytes, SCHEMA)?;
        snapshot.iam.share();
        Ok(snapshot)
    }
}
