//! Keeps the books: in a folder, or in S3. Thin: neither merges nor decides.

mod folder;
mod s3;

pub use folder::FolderStore;
pub use s3::S3Store;
