//! Directories: private, created durably, listed in order, never through a link.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use crate::error::StoreError;

/// Creates `directory` below `root`, which exists, and makes every new entry durable. On Unix only the
/// owner may enter it.
pub(crate) fn create_below(root: &Path, directory: &Path) -> Result<(), StoreError> {
    let Ok(relative) = directory.strip_prefix(root) else {
        let outside = io::Error::new(io::ErrorKind::InvalidInput, "outside the data directory");
        return Err(StoreError::io("create", directory)(outside));
    };
    let mut path = root.to_owned();
    for component in relative.components() {
        let parent = path.clone();
        path.push(component);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => continue,
            Ok(_) => {
                let error = io::Error::new(io::ErrorKind::NotADirectory, "it is not a directory");
                return Err(StoreError::io("write below", &path)(error));
            }
            Err(_) => {}
        }
        create_private(&path).map_err(StoreError::io("create", &path))?;
        sync(&parent)?;
    }
    Ok(())
}

/// Creates one directory for the owner alone.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other,
    }
}

/// Makes the entries of a directory durable. Where a directory cannot be opened as a file, renaming is
/// durable by itself or not at all.
pub(crate) fn sync(directory: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let result = fs::File::open(directory).and_then(|directory| directory.sync_all());
        result.map_err(StoreError::io("sync", directory))?;
    }
    Ok(())
}

/// One entry of a directory.
pub(crate) struct Entry {
    pub(crate) name: OsString,
    pub(crate) is_dir: bool,
    pub(crate) is_file: bool,
}

/// The entries of a directory by name, without hidden ones; none if it does not exist. A link is neither
/// a directory nor a file here.
pub(crate) fn list(directory: &Path) -> Result<Vec<Entry>, StoreError> {
    let read = |error| StoreError::io("list", directory)(error);
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(read)?,
    };
    let mut list = Vec::new();
    for entry in entries {
        let entry = entry.map_err(read)?;
        let kind = entry.file_type().map_err(read)?;
        let name = entry.file_name();
        if !name.as_encoded_bytes().starts_with(b".") {
            list.push(Entry { name, is_dir: kind.is_dir(), is_file: kind.is_file() });
        }
    }
    list.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(list)
}
