//! A folder on disk: one lock file, versions by content, and files that are replaced whole.

use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use plumbline_audit::{If, Key, Put, Store, StoreError, Version};

/// The file whose exclusive lock every conditional write holds.
const LOCK: &str = ".lock";

/// Objects as files below a folder, which is made when the first one is written.
#[derive(Debug, Clone)]
pub struct FolderStore {
    root: PathBuf,
}

impl FolderStore {
    /// The store in `root`.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// Compares and writes under the lock, so that two processes never both win.
    fn replace(&self, key: &Key, body: &[u8], when: &If) -> io::Result<Put> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.root);
        make_folder(folder)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(self.root.join(LOCK))?;
        // Released when the file is closed, also by the end of the process.
        lock.lock()?;
        let there = read(&path)?.map(|found| version(&found));
        let holds = match when {
            If::Absent => there.is_none(),
            If::Unchanged(expected) => there.as_ref() == Some(expected),
            If::Anything => true,
        };
        if !holds {
            return Ok(Put::Lost);
        }
        write_whole(folder, &path, body)?;
        Ok(Put::Done(version(body)))
    }
}

impl Store for FolderStore {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        let path = self.path(key);
        let found = read(&path).map_err(|error| store_error(&path, &error))?;
        Ok(found.map(|body| {
            let version = version(&body);
            (body, version)
        }))
    }

    async fn put(&self, key: &Key, body: Vec<u8>, when: If) -> Result<Put, StoreError> {
        self.replace(key, &body, &when).map_err(|error| store_error(&self.path(key), &error))
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let path = self.path(key);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(store_error(&path, &error)),
            _ => Ok(()),
        }
    }
}

/// A version is a digest of the content: equal content is the same version, which compare-and-swap may treat as unchanged.
fn version(body: &[u8]) -> Version {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    Version(format!("{:016x}-{}", hasher.finish(), body.len()))
}

#[expect(clippy::disallowed_methods, reason = "a folder store keeps files")]
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(body) => Ok(Some(body)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// State says how an account is protected: nobody else needs to read it.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes beside the file, brings it to the disk, and puts it in the file's place in one step.
fn write_whole(folder: &Path, path: &Path, body: &[u8]) -> io::Result<()> {
    let beside = folder.join(format!(".{}.tmp", path.file_name().unwrap_or_default().to_string_lossy()));
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(body)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&beside, path)?;
    sync_folder(folder)
}

#[expect(clippy::disallowed_methods, reason = "a folder store keeps files")]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn store_error(path: &Path, error: &io::Error) -> StoreError {
    let text = format!("`{}`: {error}", path.display());
    if error.kind() == io::ErrorKind::PermissionDenied { StoreError::Denied(text) } else { StoreError::Failed(text) }
}

#[cfg(test)]
mod tests {
    use plumbline_audit::{If, Key, Put, Store as _};

    use super::FolderStore;

    #[tokio::test]
    async fn conditions_hold_or_the_write_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::new(folder.path().join("state"));
        let key = Key::of(&["111122223333", "state.json"]);
        assert_eq!(store.get(&key).await.unwrap(), None);
        let Put::Done(first) = store.put(&key, b"one".to_vec(), If::Absent).await.unwrap() else { panic!() };
        assert_eq!(store.get(&key).await.unwrap(), Some((b"one".to_vec(), first.clone())));
        assert_eq!(store.put(&key, b"two".to_vec(), If::Absent).await.unwrap(), Put::Lost);
        let Put::Done(second) = store.put(&key, b"two".to_vec(), If::Unchanged(first.clone())).await.unwrap() else {
            panic!()
        };
        assert_eq!(store.put(&key, b"three".to_vec(), If::Unchanged(first)).await.unwrap(), Put::Lost);
        assert_eq!(store.get(&key).await.unwrap(), Some((b"two".to_vec(), second)));
        assert!(matches!(store.put(&key, b"four".to_vec(), If::Anything).await.unwrap(), Put::Done(_)));
        let absent = Key::of(&["111122223333", "other.json"]);
        let stale = plumbline_audit::Version("x".to_owned());
        assert_eq!(store.put(&absent, b"x".to_vec(), If::Unchanged(stale)).await.unwrap(), Put::Lost);
    }

    #[tokio::test]
    async fn what_is_removed_is_gone_and_may_be_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::new(folder.path().to_owned());
        let key = Key::of(&["checkpoints", "run.json"]);
        store.remove(&key).await.unwrap();
        let _ = store.put(&key, b"one".to_vec(), If::Absent).await.unwrap();
        store.remove(&key).await.unwrap();
        assert_eq!(store.get(&key).await.unwrap(), None);
        assert!(matches!(store.put(&key, b"two".to_vec(), If::Absent).await.unwrap(), Put::Done(_)));
    }

    #[test]
    fn of_many_writers_one_wins() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::new(folder.path().to_owned());
        let key = Key::of(&["claims", "event"]);
        let wins: usize = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..16_u8)
                .map(|writer| {
                    let (store, key) = (&store, &key);
                    scope.spawn(move || matches!(store.replace(key, &[writer], &If::Absent).unwrap(), Put::Done(_)))
                })
                .collect();
            writers.into_iter().map(|writer| usize::from(writer.join().unwrap())).sum()
        });
        assert_eq!(wins, 1);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_an_error_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::File::create_new(&file).unwrap();
        let store = FolderStore::new(file.clone());
        let error = store.put(&Key::of(&["a", "b"]), Vec::new(), If::Absent).await.unwrap_err().to_string();
        assert!(error.contains(&file.display().to_string()), "{error}");
    }
}
