#![allow(clippy::unwrap_used)]
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Asset, Disk, Files, FolderError, INDEX, MARK, publish};

/// Fails the operation with this number and all after it, as a full disk or a killed process would.
struct Failing {
    left: AtomicUsize,
}

impl Failing {
    fn after(operations: usize) -> Self {
        Self {
            left: AtomicUsize::new(operations),
        }
    }

    fn step(&self) -> io::Result<()> {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        left.map(|_| ()).map_err(|_| io::Error::other("injected"))
    }
}

impl Files for Failing {
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        Disk.create_directory(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.step() {
            // The worst moment: half of the file is there.
            Disk.write(path, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        Disk.write(path, bytes)
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Disk.read(path)
    }
    fn flush_directory(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        Disk.flush_directory(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        Disk.rename(from, to)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.step()?;
        Disk.list(path)
    }
    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        Disk.remove_directory(path)
    }
}

const FILES: usize = 6;

fn version(number: usize) -> Vec<Asset> {
    (0..FILES)
        .map(|k| Asset {
            name: format!("file-{k}.txt"),
            bytes: format!("{number} ").repeat(2000 + k).into_bytes(),
        })
        .collect()
}

fn page(number: usize, run: &str) -> String {
    format!("<html>{MARK} 0\">version {number} run {run} end</html>")
}

fn write(files: &dyn Files, folder: &Path, number: usize) -> Result<super::Published, FolderError> {
    publish(files, folder, &version(number), &|run| page(number, run))
}

/// The version that a reader of the folder finds, having checked that it is whole.
fn read(folder: &Path) -> Option<usize> {
    let text = match std::fs::read_to_string(folder.join(INDEX)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => panic!("{error}"),
    };
    let words: Vec<&str> = text.split(' ').collect();
    let place = words.iter().position(|w| *w == "run").unwrap();
    let number: usize = words[place - 1].parse().unwrap();
    let run = words[place + 1];
    assert_eq!(text, page(number, run), "the index is whole");
    for asset in version(number) {
        assert_eq!(
            std::fs::read(folder.join(run).join(&asset.name)).unwrap(),
            asset.bytes,
            "{}",
            asset.name
        );
    }
    Some(number)
}

#[test]
fn a_failure_at_any_step_leaves_the_old_report_or_the_new_one() {
    let mut reached_end = false;
    for steps in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        write(&Disk, folder.path(), 1).unwrap();
        let outcome = write(&Failing::after(steps), folder.path(), 2);
        let found = read(folder.path()).unwrap();
        assert_eq!(
            found,
            if outcome.is_ok() { 2 } else { 1 },
            "after {steps} steps"
        );
        reached_end |= outcome.is_ok_and(|published| published.left_over.is_empty());
        // Whatever was left behind, the next report goes through and cleans up.
        let published = write(&Disk, folder.path(), 3).unwrap();
        assert_eq!(read(folder.path()), Some(3));
        let mut names = Disk.list(folder.path()).unwrap();
        names.retain(|name| !name.starts_with(".index"));
        let run = published
            .run
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert_eq!(names, [".loopwatt.lock".to_owned(), INDEX.to_owned(), run]);
    }
    assert!(reached_end, "forty steps are enough to finish");
}

#[test]
fn a_failure_in_an_empty_folder_leaves_no_index() {
    for steps in 0..8 {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(&Failing::after(steps), folder.path(), 1).is_err());
        assert_eq!(read(folder.path()), None);
    }
}

#[test]
fn the_same_content_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = write(&Disk, folder.path(), 1).unwrap();
    let second = write(&Disk, folder.path(), 1).unwrap();
    assert_eq!(first.run, second.run);
    // Changed by hand: not trusted, and not written into while an index may name it.
    std::fs::write(first.run.join("file-0.txt"), "changed").unwrap();
    let third = write(&Disk, folder.path(), 1).unwrap();
    assert_ne!(first.run, third.run);
    assert!(!first.run.exists());
    assert_eq!(read(folder.path()), Some(1));
}

#[test]
fn other_peoples_files_stay() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["run-notes", "run-0123456789abcdef.txt", "photo.png"] {
        std::fs::write(folder.path().join(name), "mine").unwrap();
    }
    std::fs::create_dir(folder.path().join("run-2026")).unwrap();
    write(&Disk, folder.path(), 1).unwrap();
    write(&Disk, folder.path(), 2).unwrap();
    for name in [
        "run-notes",
        "run-0123456789abcdef.txt",
        "photo.png",
        "run-2026",
    ] {
        assert!(folder.path().join(name).exists(), "{name}");
    }
    std::fs::write(folder.path().join(INDEX), "<html>my own page</html>").unwrap();
    assert!(matches!(
        write(&Disk, folder.path(), 3),
        Err(FolderError::Foreign { .. })
    ));
    assert_eq!(
        std::fs::read_to_string(folder.path().join(INDEX)).unwrap(),
        "<html>my own page</html>"
    );
}

#[test]
fn two_reports_at_once_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let held = super::lock(folder.path()).unwrap();
    assert!(matches!(
        write(&Disk, folder.path(), 1),
        Err(FolderError::Busy { .. })
    ));
    drop(held);
    assert!(write(&Disk, folder.path(), 1).is_ok());
}

/// Name of the variable that turns the next test into the process that is killed.
const CHILD: &str = "LOOPWATT_TEST_REPORT_FOLDER";

/// Writes reports until it is killed; does nothing unless started by the test below.
#[test]
fn child_writes_reports() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    for number in 2.. {
        write(&Disk, Path::new(&folder), number).unwrap();
    }
}

#[test]
fn a_killed_process_leaves_a_whole_report() {
    let folder = tempfile::tempdir().unwrap();
    write(&Disk, folder.path(), 1).unwrap();
    let mut newest = 1;
    for round in 0..12u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "report::folder::tests::child_writes_reports",
                "--test-threads=1",
            ])
            .env(CHILD, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Odd delays, so that the kill falls on different steps.
        std::thread::sleep(Duration::from_micros(20_000 + 7_919 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        newest = newest.max(read(folder.path()).unwrap());
    }
    assert!(
        newest > 1,
        "the child wrote at least one report before it was killed"
    );
    write(&Disk, folder.path(), 1).unwrap();
    assert_eq!(read(folder.path()), Some(1));
}
