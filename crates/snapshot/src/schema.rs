//! The file format: JSON under zstd, named by a schema.

use std::io::{Read as _, Write as _};

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

/// Packs with a checksum, so that a damaged file is never taken for another snapshot.
///
/// # Errors
/// What zstd says, which writing to memory never causes.
pub fn pack(json: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = encoder()?;
    encoder.write_all(json)?;
    encoder.finish()
}

fn encoder() -> std::io::Result<zstd::stream::write::Encoder<'static, Vec<u8>>> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}

/// Packs a value as JSON on its way into the file: the whole text is never in memory.
pub(crate) fn pack_json(value: &impl Serialize) -> Result<Vec<u8>, FileError> {
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
    let decoder = zstd::stream::read::Decoder::new(bytes).map_err(FileError::Unpack)?;
    let mut json = Vec::new();
    let limit = MAX_FILE_BYTES + 1;
    let read = decoder.take(limit).read_to_end(&mut json).map_err(FileError::Unpack)?;
    if read as u64 == limit {
        return Err(FileError::TooLarge);
    }
    let Named { schema: found } = serde_json::from_slice(&json)?;
    if found != schema {
        return Err(FileError::Schema { found, wanted: schema });
    }
    Ok(serde_json::from_slice(&json)?)
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
        unpack_json(bytes, SCHEMA)
    }
}
