//! The folder of a sweep: its plan, its journals, its tables.

use std::io;
use std::path::{Path, PathBuf};

use super::plan::{Plan, Shard};

const PLAN: &str = "plan.json";
const SUFFIX: &str = ".journal";

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system refused.
    #[error("'{}': {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// It belongs to another plan.
    #[error("'{}' holds another plan: {what}; choose another folder, or remove it", path.display())]
    OtherPlan {
        /// The folder.
        path: PathBuf,
        /// What is different.
        what: String,
    },
    /// `plan.json` is something else.
    #[error("'{}' is no plan of a sweep; choose another folder, or remove it", .0.display())]
    Foreign(PathBuf),
}

/// A folder that holds a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

fn at(path: &Path) -> impl Fn(io::Error) -> FolderError + '_ {
    |source| FolderError::Io {
        path: path.to_owned(),
        source,
    }
}

impl Folder {
    /// Makes the folder, or opens it where it holds this plan.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn open(path: &Path, plan: &Plan) -> Result<Self, FolderError> {
        std::fs::create_dir_all(path).map_err(at(path))?;
        let folder = Self {
            path: path.to_owned(),
        };
        let file = path.join(PLAN);
        let wanted = plan.json();
        match folder.plan()? {
            Some(found) if found.get("digest") == wanted.get("digest") => {}
            Some(found) => {
                return Err(FolderError::OtherPlan {
                    path: path.to_owned(),
                    what: difference(&found, &wanted),
                });
            }
            None => {
                let text = serde_json::to_string_pretty(&wanted).unwrap_or_default() + "\n";
                let beside = path.join(format!(".{PLAN}.{}.part", std::process::id()));
                std::fs::write(&beside, text).map_err(at(&beside))?;
                std::fs::rename(&beside, &file).map_err(at(&file))?;
            }
        }
        Ok(folder)
    }

    /// A folder that is there.
    pub fn existing(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The plan that it holds; `None` where there is none.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn plan(&self) -> Result<Option<serde_json::Value>, FolderError> {
        let file = self.path.join(PLAN);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(FolderError::Foreign(file));
            }
            Err(error) => return Err(at(&file)(error)),
        };
        let plan: serde_json::Value =
            serde_json::from_str(&text).map_err(|_| FolderError::Foreign(file.clone()))?;
        if plan.get("digest").is_some_and(serde_json::Value::is_string) {
            Ok(Some(plan))
        } else {
            Err(FolderError::Foreign(file))
        }
    }

    /// The journal of a part.
    pub fn journal(&self, shard: Shard) -> PathBuf {
        self.path.join(if shard == Shard::WHOLE {
            format!("points{SUFFIX}")
        } else {
            format!("points-{}-of-{}{SUFFIX}", shard.part, shard.of)
        })
    }

    /// All journals in it, by name.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn journals(&self) -> Result<Vec<PathBuf>, FolderError> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(at(&self.path))? {
            let path = entry.map_err(at(&self.path))?.path();
            let name = path.file_name().map(|name| name.to_string_lossy());
            if name.is_some_and(|name| name.ends_with(SUFFIX)) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}

/// What tells two plans apart, in words.
pub(super) fn difference(found: &serde_json::Value, wanted: &serde_json::Value) -> String {
    for (key, what) in [
        ("hall", "the hall"),
        ("state", "the operating state"),
        ("scenario", "the outdoor condition"),
        ("sample", "the sample"),
        ("vary", "what is varied"),
        ("outputs", "the outputs"),
        ("points", "the number of points"),
    ] {
        if found.get(key) != wanted.get(key) {
            let short = |plan: &serde_json::Value| -> String {
                let text = plan.get(key).map_or_else(String::new, ToString::to_string);
                match text.char_indices().nth(120) {
                    Some((cut, _)) => format!("{}…", &text[..cut]),
                    None => text,
                }
            };
            return format!("{what} is there {}, here {}", short(found), short(wanted));
        }
    }
    "the hall file, an edit of it or the version of the program is another".to_owned()
}
