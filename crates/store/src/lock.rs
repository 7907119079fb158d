//! One writer per data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::error::StoreError;

/// The right to write to a data directory, held until dropped. The operating system takes it back when
/// the process ends in whatever way, so a crash leaves no lock behind.
pub(crate) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of the data directory `root`, or says who has it.
    pub(crate) fn take(root: &Path) -> Result<Self, StoreError> {
        let path = root.join(".lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(StoreError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Unreadable where locks are mandatory, or not yet written: the name is a courtesy.
                let _ = (&mut file).take(20).read_to_string(&mut text);
                return Err(StoreError::Locked { path: root.to_owned(), pid: text.trim().parse().ok() });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", &path)(error)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()));
        written.map_err(StoreError::io("write", &path))?;
        Ok(Self { _file: file })
    }
}
