//! The hall file and all that it names, held as they were when the plan was made, so that every point sees the same.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::hall::model::Hall;
use crate::hall::{self, LoadError, LoadOptions, Warnings};
use crate::world::{Memory, ReadError, World};

/// A world that remembers what was read of another.
struct Recorder<'w> {
    world: &'w dyn World,
    seen: Mutex<Vec<(PathBuf, Vec<u8>)>>,
}

impl World for Recorder<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let bytes = self.world.read(path)?;
        if let Ok(mut seen) = self.seen.lock()
            && !seen.iter().any(|(known, _)| known == path)
        {
            seen.push((path.to_owned(), bytes.clone()));
        }
        Ok(bytes)
    }

    fn exists(&self, path: &Path) -> bool {
        self.world.exists(path)
    }
}

/// A hall file that is read again and again.
#[derive(Debug, Clone)]
pub struct Model {
    files: Memory,
    path: PathBuf,
    options: LoadOptions,
}

impl Model {
    /// Reads a hall file; what it names is kept.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn read(
        world: &dyn World,
        path: &Path,
        options: &LoadOptions,
    ) -> Result<(Self, Hall, Warnings), LoadError> {
        let mut model = Self {
            files: Memory::new(),
            path: path.to_owned(),
            options: options.clone(),
        };
        let (hall, warnings) = model.see(world, &[])?;
        Ok((model, hall, warnings))
    }

    /// Reads the hall with edits, and keeps what files it names that were not known.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn see(
        &mut self,
        world: &dyn World,
        sets: &[String],
    ) -> Result<(Hall, Warnings), LoadError> {
        let both = Both {
            known: &self.files,
            world,
        };
        let recorder = Recorder {
            world: &both,
            seen: Mutex::default(),
        };
        let read = hall::load(&recorder, &self.path, &self.edited(sets));
        for (path, bytes) in recorder.seen.into_inner().unwrap_or_default() {
            if !self.files.exists(&path) {
                self.files = std::mem::take(&mut self.files).with(path, bytes);
            }
        }
        read
    }

    /// The hall with edits, from the files that are kept.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(&self, sets: &[String]) -> Result<Hall, LoadError> {
        Ok(hall::load(&self.files, &self.path, &self.edited(sets))?.0)
    }

    /// The hall file's text, and the edits of the command line.
    pub fn text(&self) -> (String, Vec<String>) {
        let text = self.files.read_to_string(&self.path).unwrap_or_default();
        (text, self.options.set.clone())
    }

    /// Paths edited by the command line before any axis.
    pub fn edits(&self) -> impl Iterator<Item = &str> {
        let path = |set: &'_ String| -> usize { set.find('=').unwrap_or(set.len()) };
        self.options
            .set
            .iter()
            .map(move |set| set[..path(set)].trim())
    }

    fn edited(&self, sets: &[String]) -> LoadOptions {
        let mut options = self.options.clone();
        options.set.extend(sets.iter().cloned());
        options
    }
}

/// Files that are known, else the world's.
struct Both<'w> {
    known: &'w Memory,
    world: &'w dyn World,
}

impl World for Both<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        if self.known.exists(path) {
            self.known.read(path)
        } else {
            self.world.read(path)
        }
    }

    fn exists(&self, path: &Path) -> bool {
        self.known.exists(path) || self.world.exists(path)
    }
}
