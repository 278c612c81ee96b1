//! The file format: JSON under zstd, named by a schema.

use std::io::{Read as _, Write as _};

use serde::Deserialize;

use crate::Snapshot;

/// The name of the format that this version writes.
pub const SCHEMA: &str = "plumbline.snapshot/1";

/// The most that a snapshot file may unpack to, in bytes: a guard against files made to exhaust memory.
pub const MAX_FILE_BYTES: u64 = 2 << 30;

/// The zstd level: the library's default, a good ratio at some hundred MB a second.
const LEVEL: i32 = 3;

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
    #[error("reading as `{SCHEMA}`: {0}")]
    Json(#[from] serde_json::Error),
    /// The file was written by another version.
    #[error(
        "its schema is `{found}`, this version reads `{SCHEMA}`: use the version that wrote it, or take a new snapshot"
    )]
    Schema {
        /// The schema that the file names.
        found: String,
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
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), LEVEL)?;
    encoder.include_checksum(true)?;
    encoder.write_all(json)?;
    encoder.finish()
}

impl Snapshot {
    /// The snapshot as the bytes of a file. Equal snapshots give equal bytes.
    ///
    /// # Errors
    /// [`FileError::Json`] or [`FileError::Pack`] if the value cannot be written, which no value read here causes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FileError> {
        pack(self.to_json()?.as_bytes()).map_err(FileError::Pack)
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
        let Named { schema } = serde_json::from_slice(&json)?;
        if schema != SCHEMA {
            return Err(FileError::Schema { found: schema });
        }
        Ok(serde_json::from_slice(&json)?)
    }
}
