//! Reports and states as bytes, named by a schema; newer ones are refused by name.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Report, State};

/// The name of the report format that this version writes.
pub const REPORT_SCHEMA: &str = "plumbline.report/1";

/// The name of the state format that this version writes.
pub const STATE_SCHEMA: &str = "plumbline.state/1";

/// Why bytes are no report or state of this version.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// They are no JSON, or not of this shape.
    #[error("reading as `{wanted}`: {source}")]
    Json {
        /// The schema that was wanted.
        wanted: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A newer version wrote them.
    #[error("its schema is `{found}`, newer than `{wanted}`, which this version reads: use the version that wrote it")]
    Newer {
        /// The schema that they name.
        found: String,
        /// The schema that was wanted.
        wanted: &'static str,
    },
    /// They are something else.
    #[error("its schema is `{found}`: expected `{wanted}`")]
    Other {
        /// The schema that they name.
        found: String,
        /// The schema that was wanted.
        wanted: &'static str,
    },
}

/// The number after the slash of a schema of the same name, `plumbline.state/2` against `plumbline.state/1`.
fn version_of(found: &str, wanted: &str) -> Option<u32> {
    let (name, _) = wanted.split_once('/')?;
    let (found_name, version) = found.split_once('/')?;
    if found_name == name { version.parse().ok() } else { None }
}

fn read<T: DeserializeOwned>(bytes: &[u8], wanted: &'static str) -> Result<T, SchemaError> {
    #[derive(Deserialize)]
    struct Named {
        schema: String,
    }
    let json = |source| SchemaError::Json { wanted, source };
    let Named { schema: found } = serde_json::from_slice(bytes).map_err(json)?;
    if found == wanted {
        return serde_json::from_slice(bytes).map_err(json);
    }
    // A lift from an older version goes here, once there is one.
    match (version_of(&found, wanted), version_of(wanted, wanted)) {
        (Some(theirs), Some(ours)) if theirs > ours => Err(SchemaError::Newer { found, wanted }),
        _ => Err(SchemaError::Other { found, wanted }),
    }
}

fn write<T: Serialize>(value: &T, wanted: &'static str) -> Result<Vec<u8>, SchemaError> {
    serde_json::to_vec(value).map_err(|source| SchemaError::Json { wanted, source })
}

impl Report {
    /// The report as JSON. Equal reports give equal bytes.
    ///
    /// # Errors
    /// [`SchemaError::Json`] if the value cannot be written, which no report made here causes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SchemaError> {
        write(self, REPORT_SCHEMA)
    }

    /// The report in some JSON.
    ///
    /// # Errors
    /// [`SchemaError`]: not JSON, not a report, or of a newer version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SchemaError> {
        read(bytes, REPORT_SCHEMA)
    }
}

impl State {
    /// The state as JSON. Equal states give equal bytes.
    ///
    /// # Errors
    /// [`SchemaError::Json`] if the value cannot be written, which no state made here causes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SchemaError> {
        write(self, STATE_SCHEMA)
    }

    /// The state in some JSON.
    ///
    /// # Errors
    /// [`SchemaError`]: not JSON, not a state, or of a newer version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SchemaError> {
        read(bytes, STATE_SCHEMA)
    }
}
