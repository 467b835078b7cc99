//! The journal: every point written as it is done, appended and checksummed, so that a killed run goes on where it was.
//!
//! ```text
//! header   "loopwatt sweep 1"  16 bytes of the plan's digest  shard K, N as u32  CRC-32 of all that
//! record   length of the payload u32  CRC-32 of the payload  payload
//! payload  point u64, 1, numbers f64 each, words (length u32, bytes) each    a point with a solution
//!          point u64, 0, reason (length u32, bytes)                          a point without
//! ```
//! All numbers are little-endian. What a kill or a full disk leaves behind the last whole record is cut off when the
//! journal is opened again; those points are solved again, with the same result.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::plan::{Digest, Shard};

const MAGIC: &[u8; 16] = b"loopwatt sweep 1";
const HEADER: usize = 16 + 16 + 8 + 4;
/// Longest payload that is believed: a damaged length must not make the reader allocate the machine's memory.
const LONGEST: usize = 1 << 24;

/// What became of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The point, in the order of the plan.
    pub point: u64,
    /// Its results, or why there are none.
    pub outcome: Result<Row, String>,
}

/// Results of a point: the plan's numbers (not a number where there is none) and words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Numbers.
    pub numbers: Vec<f64>,
    /// Words.
    pub words: Vec<String>,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refused.
    #[error("'{}': {source}", path.display())]
    Io {
        /// File.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// Another plan's.
    #[error("'{}' holds points of another plan or another version of the hall file; choose another folder, or remove it", .0.display())]
    OtherPlan(PathBuf),
    /// Not a journal.
    #[error("'{}' is no journal of a sweep; choose another folder, or remove it", .0.display())]
    Foreign(PathBuf),
    /// Another process writes it.
    #[error("'{}' is being written by another run", .0.display())]
    Busy(PathBuf),
}

fn header(digest: Digest, shard: Shard) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..16].copy_from_slice(MAGIC);
    bytes[16..32].copy_from_slice(&digest.0.to_le_bytes());
    bytes[32..36].copy_from_slice(&shard.part.to_le_bytes());
    bytes[36..40].copy_from_slice(&shard.of.to_le_bytes());
    let sum = crc32fast::hash(&bytes[..40]);
    bytes[40..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// A journal open for appending; the file is locked while it lives.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    /// Bytes behind the last whole record that were cut off.
    pub cut: u64,
}

impl Journal {
    /// Opens a plan's journal, or starts it; `known` is told of every record that is there.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(
        path: &Path,
        digest: Digest,
        shard: Shard,
        mut known: impl FnMut(&Record) -> bool,
    ) -> Result<Self, JournalError> {
        let at = |source| JournalError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(at)?;
        match file.try_lock() {
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(JournalError::Busy(path.to_owned()));
            }
            // A file system without locks is used without one.
            Ok(()) | Err(std::fs::TryLockError::Error(_)) => {}
        }
        let length = file.metadata().map_err(at)?.len();
        let wanted = header(digest, shard);
        let mut end = HEADER as u64;
        if length < HEADER as u64 {
            let mut start = Vec::new();
            file.read_to_end(&mut start).map_err(at)?;
            if !wanted.starts_with(&start) {
                return Err(JournalError::Foreign(path.to_owned()));
            }
            file.set_len(0).map_err(at)?;
            file.seek(SeekFrom::Start(0)).map_err(at)?;
            file.write_all(&wanted).map_err(at)?;
        } else {
            let mut reader = Reader::of(&file, path)?;
            if reader.digest != digest || reader.shard != shard {
                return Err(JournalError::OtherPlan(path.to_owned()));
            }
            while let Some(record) = reader.next()? {
                if !known(&record) {
                    break;
                }
                end = reader.position;
            }
        }
        let cut = length.saturating_sub(end);
        if cut > 0 {
            file.set_len(end).map_err(at)?;
        }
        file.seek(SeekFrom::Start(end)).map_err(at)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            buffer: Vec::new(),
            cut,
        })
    }

    /// Appends a record: in the file when this returns, so a kill of the process does not lose it.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        let buffer = &mut self.buffer;
        buffer.clear();
        buffer.extend([0; 8]);
        encode(record, buffer);
        let length = (buffer.len() - 8) as u32;
        let sum = crc32fast::hash(&buffer[8..]);
        buffer[..4].copy_from_slice(&length.to_le_bytes());
        buffer[4..8].copy_from_slice(&sum.to_le_bytes());
        self.file
            .write_all(buffer)
            .map_err(|source| self.fault(source))
    }

    /// Flushes to the disk, against a loss of power.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn flush(&self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(|source| self.fault(source))
    }

    fn fault(&self, source: io::Error) -> JournalError {
        JournalError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

/// Reads a journal record by record.
#[derive(Debug)]
pub struct Reader<'f> {
    path: PathBuf,
    input: BufReader<&'f File>,
    buffer: Vec<u8>,
    /// Plan that it belongs to.
    pub digest: Digest,
    /// Part of the plan.
    pub shard: Shard,
    /// Bytes up to the end of the last whole record.
    pub position: u64,
}

impl<'f> Reader<'f> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`JournalError::Foreign`] where it is none, [`JournalError::Io`].
    pub fn of(file: &'f File, path: &Path) -> Result<Self, JournalError> {
        let at = |source| JournalError::Io {
            path: path.to_owned(),
            source,
        };
        let foreign = || JournalError::Foreign(path.to_owned());
        let mut input = BufReader::with_capacity(1 << 16, file);
        input.seek(SeekFrom::Start(0)).map_err(at)?;
        let mut bytes = [0; HEADER];
        match input.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(foreign()),
            other => other.map_err(at)?,
        }
        let number = |from: usize| u32::from_le_bytes(std::array::from_fn(|k| bytes[from + k]));
        if &bytes[..16] != MAGIC || crc32fast::hash(&bytes[..40]) != number(40) {
            return Err(foreign());
        }
        Ok(Self {
            path: path.to_owned(),
            input,
            buffer: Vec::new(),
            digest: Digest(u128::from_le_bytes(std::array::from_fn(|k| bytes[16 + k]))),
            shard: Shard {
                part: number(32),
                of: number(36),
            },
            position: HEADER as u64,
        })
    }

    /// The next whole record; `None` at the end, or where what follows is torn or damaged.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Record>, JournalError> {
        let mut head = [0; 8];
        if !self.fill(&mut head)? {
            return Ok(None);
        }
        let number = |from: usize| u32::from_le_bytes(std::array::from_fn(|k| head[from + k]));
        let (length, sum) = (number(0) as usize, number(4));
        if length > LONGEST {
            return Ok(None);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(length, 0);
        let whole = self.fill(&mut buffer)?;
        let record = (whole && crc32fast::hash(&buffer) == sum)
            .then(|| decode(&buffer))
            .flatten();
        self.buffer = buffer;
        if record.is_some() {
            self.position += 8 + length as u64;
        }
        Ok(record)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<bool, JournalError> {
        match self.input.read_exact(bytes) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(source) => Err(JournalError::Io {
                path: self.path.clone(),
                source,
            }),
        }
    }
}

fn encode(record: &Record, out: &mut Vec<u8>) {
    fn text(word: &str, out: &mut Vec<u8>) {
        out.extend((word.len() as u32).to_le_bytes());
        out.extend(word.as_bytes());
    }
    out.extend(record.point.to_le_bytes());
    match &record.outcome {
        Ok(row) => {
            out.push(1);
            out.extend((row.numbers.len() as u32).to_le_bytes());
            out.extend((row.words.len() as u32).to_le_bytes());
            for number in &row.numbers {
                out.extend(number.to_le_bytes());
            }
            row.words.iter().for_each(|word| text(word, out));
        }
        Err(reason) => {
            out.push(0);
            text(reason, out);
        }
    }
}

/// A payload's record; `None` where it is none.
fn decode(payload: &[u8]) -> Option<Record> {
    struct Cursor<'b>(&'b [u8]);
    impl<'b> Cursor<'b> {
        fn take(&mut self, count: usize) -> Option<&'b [u8]> {
            let (head, rest) = self.0.split_at_checked(count)?;
            self.0 = rest;
            Some(head)
        }
        fn count(&mut self) -> Option<usize> {
            let bytes = self.take(4)?.try_into().ok()?;
            Some(u32::from_le_bytes(bytes) as usize)
        }
        fn long(&mut self) -> Option<u64> {
            Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
        }
        fn text(&mut self) -> Option<String> {
            let length = self.count()?;
            String::from_utf8(self.take(length)?.to_vec()).ok()
        }
    }
    let mut cursor = Cursor(payload);
    let point = cursor.long()?;
    let outcome = match cursor.take(1)? {
        [1] => {
            let (numbers, words) = (cursor.count()?, cursor.count()?);
            let mut row = Row::default();
            for _ in 0..numbers {
                row.numbers.push(f64::from_bits(cursor.long()?));
            }
            for _ in 0..words {
                row.words.push(cursor.text()?);
            }
            Ok(row)
        }
        [0] => Err(cursor.text()?),
        _ => return None,
    };
    cursor.0.is_empty().then_some(Record { point, outcome })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Digest, HEADER, Journal, JournalError, Record, Row, Shard};
    use proptest::prelude::{Strategy, any, proptest};
    use std::path::Path;

    const PLAN: Digest = Digest(7);
    const WHOLE: Shard = Shard { part: 1, of: 1 };

    fn records() -> Vec<Record> {
        (0..20)
            .map(|point| Record {
                point,
                outcome: if point % 5 == 3 {
                    Err(format!("no solution at {point}"))
                } else {
                    Ok(Row {
                        numbers: vec![point as f64, f64::NAN, -0.0],
                        words: vec!["märz".to_owned(), String::new()],
                    })
                },
            })
            .collect()
    }

    fn write(path: &Path, records: &[Record]) {
        let mut journal = Journal::open(path, PLAN, WHOLE, |_| true).unwrap();
        for record in records {
            journal.append(record).unwrap();
        }
    }

    fn read(path: &Path) -> Vec<Record> {
        let mut all = Vec::new();
        Journal::open(path, PLAN, WHOLE, |record| {
            all.push(record.clone());
            true
        })
        .unwrap();
        all
    }

    fn same(a: &[Record], b: &[Record]) -> bool {
        // Not-a-numbers are not equal to themselves.
        format!("{a:?}") == format!("{b:?}")
    }

    #[test]
    fn cut_anywhere_it_keeps_every_whole_record() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        write(&path, &records());
        assert!(same(&read(&path), &records()));
        let bytes = std::fs::read(&path).unwrap();
        let torn = folder.path().join("torn");
        let mut kept = usize::MAX;
        for length in (0..bytes.len()).rev().step_by(7) {
            std::fs::write(&torn, &bytes[..length]).unwrap();
            let left = read(&torn);
            assert!(same(&left, &records()[..left.len()]) && left.len() <= kept);
            kept = left.len();
            // What was cut off can be written again.
            write(&torn, &records()[left.len()..]);
            assert_eq!(std::fs::read(&torn).unwrap(), bytes);
        }
        assert_eq!(kept, 0);
    }

    proptest! {
        #[test]
        fn a_changed_byte_never_gives_a_wrong_record(
            (place, bit) in (any::<proptest::sample::Index>(), 0..8u8).prop_map(|x| x)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal");
            write(&path, &records());
            let mut bytes = std::fs::read(&path).unwrap();
            let place = HEADER + place.index(bytes.len() - HEADER);
            bytes[place] ^= 1 << bit;
            std::fs::write(&path, &bytes).unwrap();
            let left = read(&path);
            assert!(left.len() < records().len() && same(&left, &records()[..left.len()]));
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "name,value\n").unwrap();
        let open = |digest, shard| Journal::open(&path, digest, shard, |_| true);
        assert!(matches!(open(PLAN, WHOLE), Err(JournalError::Foreign(_))));
        std::fs::write(&path, [b'x'; 200]).unwrap();
        assert!(matches!(open(PLAN, WHOLE), Err(JournalError::Foreign(_))));
        std::fs::remove_file(&path).unwrap();
        drop(open(PLAN, WHOLE).unwrap());
        assert!(matches!(
            open(Digest(8), WHOLE),
            Err(JournalError::OtherPlan(_))
        ));
        assert!(matches!(
            open(PLAN, Shard { part: 1, of: 2 }),
            Err(JournalError::OtherPlan(_))
        ));
        let first = open(PLAN, WHOLE).unwrap();
        assert!(matches!(open(PLAN, WHOLE), Err(JournalError::Busy(_))));
        drop(first);
    }
}
