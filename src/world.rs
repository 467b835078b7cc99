//! Where files come from: the disk, or memory for tests and for hosts without a disk.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file does not exist.
    #[error("{}: no such file", path.display())]
    NotFound {
        /// Path as asked for.
        path: PathBuf,
    },
    /// The path names a directory.
    #[error("{}: is a directory, not a file", path.display())]
    Directory {
        /// Path as asked for.
        path: PathBuf,
    },
    /// The bytes are not UTF-8 text.
    #[error("{}: not UTF-8 text (first wrong byte at offset {offset})", path.display())]
    NotText {
        /// Path as asked for.
        path: PathBuf,
        /// Bytes before the first wrong one.
        offset: usize,
    },
    /// Anything else that the system reports.
    #[error("{}: {source}", path.display())]
    Io {
        /// Path as asked for.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Files, as the library sees them.
pub trait World: Sync {
    /// All bytes of a file.
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError>;

    /// Whether a file exists.
    fn exists(&self, path: &Path) -> bool;

    /// A file as text; a byte order mark at its start is dropped.
    fn read_to_string(&self, path: &Path) -> Result<String, ReadError> {
        let text = String::from_utf8(self.read(path)?).map_err(|error| ReadError::NotText {
            path: path.to_owned(),
            offset: error.utf8_error().valid_up_to(),
        })?;
        Ok(text
            .strip_prefix('\u{feff}')
            .map(str::to_owned)
            .unwrap_or(text))
    }
}

/// The machine's own file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl World for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        if path.is_dir() {
            return Err(ReadError::Directory {
                path: path.to_owned(),
            });
        }
        std::fs::read(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ReadError::NotFound {
                path: path.to_owned(),
            },
            io::ErrorKind::IsADirectory => ReadError::Directory {
                path: path.to_owned(),
            },
            _ => ReadError::Io {
                path: path.to_owned(),
                source,
            },
        })
    }

    fn exists(&self, path: &Path) -> bool {
        path.is_file()
    }
}

/// Files held in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, or replaces it.
    #[must_use]
    pub fn with(mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), bytes.into());
        self
    }
}

impl World for Memory {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| ReadError::NotFound {
                path: path.to_owned(),
            })
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Disk, Memory, ReadError, World};
    use std::path::Path;

    #[test]
    fn faults_are_told_apart() {
        let world = Memory::new()
            .with("text", "a\u{feff}")
            .with("bytes", vec![b'a', 0xff]);
        assert_eq!(
            world.read_to_string(Path::new("text")).unwrap(),
            "a\u{feff}"
        );
        assert!(world.exists(Path::new("bytes")) && !world.exists(Path::new("other")));
        assert!(matches!(
            world.read_to_string(Path::new("bytes")),
            Err(ReadError::NotText { offset: 1, .. })
        ));
        assert!(matches!(
            world.read(Path::new("other")),
            Err(ReadError::NotFound { .. })
        ));
        assert!(matches!(
            Disk.read(Path::new(".")),
            Err(ReadError::Directory { .. })
        ));
        assert!(matches!(
            Disk.read(Path::new("./no/such")),
            Err(ReadError::NotFound { .. })
        ));
    }

    #[test]
    fn byte_order_mark_is_dropped() {
        let world = Memory::new().with("a", "\u{feff}schema = 1");
        assert_eq!(world.read_to_string(Path::new("a")).unwrap(), "schema = 1");
    }
}
