//! The report folder: written beside, and made current by one rename of its index.
//!
//! ```text
//! DIR/index.html                 the only entry; names its run folder
//! DIR/run-<hash of content>/     figures and tables of that run
//! ```
//!
//! 1. Under an advisory lock, all files of the run go into `DIR/.run-<hash>.partial/`, each flushed to the disk.
//! 2. That folder is renamed to `run-<hash>`; nothing names it yet.
//! 3. The index is written beside and flushed, then renamed over `index.html`. This is the moment at which the report
//!    changes: before it a reader sees the old one whole, after it the new one whole.
//! 4. Run folders that the index does not name are removed. What cannot be removed is reported, not an error.
//!
//! An interruption anywhere leaves at most a folder that nothing names; the next report removes it. Nothing but `index.html` and
//! folders of that form is ever touched, and an index that no report wrote is left alone.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Name of the entry.
pub const INDEX: &str = "index.html";
/// Name that the index has until it is renamed.
const NEXT_INDEX: &str = ".index.html.partial";
/// File whose lock keeps two reports from writing into one folder at a time.
const LOCK: &str = ".loopwatt.lock";
/// What every index holds near its start, by which it is known as a report's.
pub const MARK: &str = "<meta name=\"generator\" content=\"loopwatt";

/// What the protocol needs of a file system; a seam for tests that make any step fail.
pub trait Files: Sync {
    /// Creates a directory and its parents; no error where it exists.
    fn create_directory(&self, path: &Path) -> io::Result<()>;
    /// Writes a whole file and flushes it to the disk.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Reads a whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Flushes a directory's entries to the disk.
    fn flush_directory(&self, path: &Path) -> io::Result<()>;
    /// Renames a file over another, or a directory to a free name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Names in a directory.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Removes a directory with all in it.
    fn remove_directory(&self, path: &Path) -> io::Result<()>;
}

/// The machine's own file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        use io::Write;
        let mut file = std::fs::File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    #[cfg(unix)]
    fn flush_directory(&self, path: &Path) -> io::Result<()> {
        std::fs::File::open(path)?.sync_all()
    }

    #[cfg(not(unix))]
    fn flush_directory(&self, _path: &Path) -> io::Result<()> {
        // Directories cannot be opened as files elsewhere; a rename there is journalled by the system.
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir_all(path)
    }
}

/// Why a folder could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A step failed; the report that was there is whole.
    #[error("{}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// The folder's index belongs to something else.
    #[error("{}: there is an index.html that no report wrote; choose another folder, or remove it", path.display())]
    Foreign {
        /// The index.
        path: PathBuf,
    },
    /// Somebody else is writing there.
    #[error("{}: another report is being written into this folder", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
}

/// A file of the run, by its name without folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Name.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A report made current.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The entry.
    pub index: PathBuf,
    /// The run's folder.
    pub run: PathBuf,
    /// Old folders that could not be removed.
    pub left_over: Vec<PathBuf>,
}

/// FNV-1a over names and contents, 64 bits: tells runs apart, guards nothing.
fn hash(assets: &[Asset]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325u64;
    let mut eat = |bytes: &[u8]| {
        for &byte in bytes {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for asset in assets {
        eat(&(asset.name.len() as u64).to_le_bytes());
        eat(asset.name.as_bytes());
        eat(&(asset.bytes.len() as u64).to_le_bytes());
        eat(&asset.bytes);
    }
    state
}

/// Whether a name is that of a run's folder, finished or not.
fn is_run(name: &str) -> bool {
    let stem = name
        .strip_prefix('.')
        .and_then(|n| n.strip_suffix(".partial"))
        .unwrap_or(name);
    stem.strip_prefix("run-").is_some_and(|rest| {
        let (digits, again) = rest.split_once('-').unwrap_or((rest, "0"));
        digits.len() == 16
            && digits.bytes().all(|b| b.is_ascii_hexdigit())
            && !again.is_empty()
            && again.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Writes a report and makes it current; `index` gives the page for the name of the run's folder.
///
/// # Errors
/// [`FolderError`]; the report that was there before is then untouched.
pub fn publish(
    files: &dyn Files,
    folder: &Path,
    assets: &[Asset],
    index: &dyn Fn(&str) -> String,
) -> Result<Published, FolderError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError::Io { path, source }
    };
    files.create_directory(folder).map_err(at(folder))?;
    let _lock = lock(folder)?;
    let entry = folder.join(INDEX);
    let present = files.list(folder).map_err(at(folder))?;
    if present.iter().any(|name| name == INDEX) {
        let old = files.read(&entry).map_err(at(&entry))?;
        if !contains(&old, MARK.as_bytes()) {
            return Err(FolderError::Foreign { path: entry });
        }
    }

    let (name, exists) = free_name(files, folder, &present, assets);
    let run = folder.join(&name);
    if !exists {
        let partial = folder.join(format!(".{name}.partial"));
        if present
            .iter()
            .any(|known| Path::new(known) == Path::new(&format!(".{name}.partial")))
        {
            files.remove_directory(&partial).map_err(at(&partial))?;
        }
        files.create_directory(&partial).map_err(at(&partial))?;
        for asset in assets {
            let path = partial.join(&asset.name);
            files.write(&path, &asset.bytes).map_err(at(&path))?;
        }
        files.flush_directory(&partial).map_err(at(&partial))?;
        files.rename(&partial, &run).map_err(at(&run))?;
        files.flush_directory(folder).map_err(at(folder))?;
    }

    let next = folder.join(NEXT_INDEX);
    files
        .write(&next, index(&name).as_bytes())
        .map_err(at(&next))?;
    files.rename(&next, &entry).map_err(at(&entry))?;
    // From here on the new report is the current one: nothing that fails takes it back.
    let _ = files.flush_directory(folder);
    let mut left_over = Vec::new();
    for old in files.list(folder).unwrap_or_default() {
        if is_run(&old) && old != name {
            let path = folder.join(old);
            if files.remove_directory(&path).is_err() {
                left_over.push(path);
            }
        }
    }
    Ok(Published {
        index: entry,
        run,
        left_over,
    })
}

/// Takes the folder's lock; the system gives it back when the file is closed, even by a killed process.
fn lock(folder: &Path) -> Result<std::fs::File, FolderError> {
    let path = folder.join(LOCK);
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|source| FolderError::Io { path, source })?;
    // Another report's last steps take milliseconds: a short wait tells them from a report that is being made.
    for _ in 0..20 {
        match file.try_lock() {
            Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(25)),
            // A file system without locks is used without one.
            Ok(()) | Err(std::fs::TryLockError::Error(_)) => return Ok(file),
        }
    }
    Err(FolderError::Busy {
        path: folder.to_owned(),
    })
}

/// Name for the run's folder, and whether it is there already with the same content. A folder of that name with other
/// content (a hash met by chance, or files changed by hand) may be the current report, so it is not written into.
fn free_name(
    files: &dyn Files,
    folder: &Path,
    present: &[String],
    assets: &[Asset],
) -> (String, bool) {
    let stem = format!("run-{:016x}", hash(assets));
    let mut name = stem.clone();
    for again in 1u32.. {
        if !present.contains(&name) {
            break;
        }
        let run = folder.join(&name);
        let same = assets.iter().all(|a| {
            files
                .read(&run.join(&a.name))
                .is_ok_and(|bytes| bytes == a.bytes)
        });
        if same {
            return (name, true);
        }
        name = format!("{stem}-{again}");
    }
    (name, false)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests;
