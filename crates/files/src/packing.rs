//! How files are packed, and what can be wrong with that.

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Container {
    /// Not at all.
    Plain,
    /// gzip, any number of members one after another.
    Gzip,
    /// A zip archive with one data file.
    Zip,
}

/// Why an archive was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerFault {
    /// Ends too early.
    #[error("the archive is cut short; download it again")]
    Truncated,
    /// Checksum or structure wrong.
    #[error("the archive is damaged ({0}); download it again")]
    Damaged(String),
    /// Named `.zip` and is none.
    #[error("it is named .zip but is no zip archive ({0}); the download probably failed")]
    NotAZip(&'static str),
    /// zstd, xz, bzip2, 7z, Parquet, …
    #[error("{0} files are not read; convert to plain, gzip or zip first")]
    Unsupported(&'static str),
    /// A compression method inside the zip that is not Deflate or Stored.
    #[error("it uses a zip feature that is not read ({0})")]
    UnsupportedZip(String),
    /// A password would be needed.
    #[error("member `{0}` is encrypted")]
    Encrypted(String),
    /// A member whose name leads out of the folder.
    #[error("member `{0}` has a path that leads outside; such an archive is not trusted")]
    UnsafePath(String),
    /// A link instead of a file.
    #[error("member `{0}` is a symbolic link; such an archive is not trusted")]
    SymbolicLink(String),
    /// Nothing to read in it.
    #[error("it holds no .csv, .json, .jsonl or .txt file")]
    NoDataFile,
    /// Several different data files.
    #[error("it holds {0} different data files; extract the one you mean")]
    SeveralDataFiles(usize),
    /// More members than any data archive has.
    #[error("it holds {0} members, more than the {1} that are looked at")]
    TooManyMembers(u64, u64),
    /// Would inflate beyond the limit.
    #[error("it inflates to more than {0} bytes")]
    TooLarge(u64),
    /// Inflates more than data ever does.
    #[error("it inflates more than {0}-fold, which no data does")]
    TooDense(u64),
}
