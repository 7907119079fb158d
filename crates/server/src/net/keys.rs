//! Bearer keys: who may ask where not only this machine can.
//!
//! A key is 256 random bits, so a fast hash guards it as well as a slow one: there is nothing to guess. The file holds
//! hashes only, one key a line: `name scope hash`, with `#` for remarks.

use std::path::Path;

use blake3::Hash;
use liqlens_ask::{Failure, Kind, path_text, quoted};

/// What a key allows; each allows what those before it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Ask.
    Read,
    /// Change what is kept for its owner.
    Write,
    /// Change the server.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// Its name in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// A key as the file knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// Whose it is.
    pub(crate) name: String,
    /// What it allows.
    pub(crate) scope: Scope,
    hash: Hash,
}

/// A key that was just made. It is shown once and kept nowhere.
pub struct NewKey {
    /// What its owner sends as `Authorization: Bearer …`.
    pub secret: String,
    /// Its line for the file.
    pub line: String,
}

/// Longest name of a key, bytes.
const LONGEST_NAME: usize = 64;
/// What every key begins with, so that one that leaked is recognised.
const PREFIX: &str = "liqlens_";
/// Keys a file may hold.
const MOST_KEYS: usize = 10_000;

impl NewKey {
    /// Makes a key.
    pub fn make(name: &str, scope: Scope) -> Result<Self, Failure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            return Err(Failure::usage(
                "key-name-not-understood",
                format!("The name {} is none for a key.", quoted(name)),
                format!("It has at most {LONGEST_NAME} letters, digits and `- _ .`."),
                "Name the key after who uses it, for example desk.",
            ));
        }
        let mut bits = [0u8; 32];
        getrandom::fill(&mut bits)
            .map_err(|error| Failure::internal("The machine gave no random numbers.", error))?;
        let secret = format!("{PREFIX}{}", Hash::from_bytes(bits).to_hex());
        let line = format!("{name} {} {}", scope.name(), blake3::hash(secret.as_bytes()).to_hex());
        Ok(Self { secret, line })
    }
}

/// The keys of a server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(Vec<Key>);

impl Keys {
    /// Reads a file of keys.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::new(
                Kind::Storage,
                "keys-not-read",
                format!("The keys in {} could not be read.", path_text(path)),
                format!("{error}."),
                "Write the lines that `liqlens key NAME` prints into that file.",
            )
        })?;
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let key = parse(line).filter(|key: &Key| !keys.iter().any(|one: &Key| one.name == key.name));
            keys.push(key.ok_or_else(|| {
                Failure::usage(
                    "key-not-understood",
                    format!("Line {} of {} is not a key.", number + 1, path_text(path)),
                    "A line is a name that no other line has, a scope (read, write or admin) and a hash.",
                    "Write the line that `liqlens key NAME` prints.",
                )
            })?);
        }
        if keys.is_empty() || keys.len() > MOST_KEYS {
            return Err(Failure::usage(
                "keys-missing",
                format!("The file {} holds {} keys.", path_text(path), keys.len()),
                format!("A server that asks for keys needs one, and takes at most {MOST_KEYS}."),
                "Make one with `liqlens key NAME`.",
            ));
        }
        Ok(Self(keys))
    }

    /// The key that a secret is. Every key is compared, each in constant time.
    pub(crate) fn find(&self, secret: &str) -> Option<&Key> {
        let hash = blake3::hash(secret.as_bytes());
        self.0.iter().fold(None, |found, key| if key.hash == hash { Some(key) } else { found })
    }
}

fn parse(line: &str) -> Option<Key> {
    let mut words = line.split_ascii_whitespace();
    let (name, scope, hash) = (words.next()?, words.next()?, words.next()?);
    let scope = Scope::ALL.into_iter().find(|known| known.name() == scope)?;
    let hash = Hash::from_hex(hash).ok()?;
    (words.next().is_none() && name.len() <= LONGEST_NAME).then(|| Key { name: name.to_owned(), scope, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Keys, Failure> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys");
        std::fs::write(&path, text).unwrap();
        Keys::read(&path)
    }

    #[test]
    fn a_key_that_was_made_opens_and_no_other_does() {
        let desk = NewKey::make("desk", Scope::Read).unwrap();
        let ops = NewKey::make("ops", Scope::Admin).unwrap();
        assert_ne!(desk.secret, NewKey::make("desk", Scope::Read).unwrap().secret);
        assert!(!desk.line.contains(&desk.secret[PREFIX.len()..]));
        let keys = read(&format!("# keys\n{}\n\n{} # until May\n", desk.line, ops.line)).unwrap();
        let found = keys.find(&ops.secret).unwrap();
        assert_eq!((found.name.as_str(), found.scope), ("ops", Scope::Admin));
        assert_eq!(keys.find(&desk.secret).unwrap().scope, Scope::Read);
        for wrong in ["", "liqlens_", &desk.secret[1..], desk.line.split(' ').next_back().unwrap()] {
            assert!(keys.find(wrong).is_none());
        }
    }

    #[test]
    fn a_file_of_keys_is_whole_or_refused() {
        let line = NewKey::make("desk", Scope::Read).unwrap().line;
        for text in [
            String::new(),
            "# none\n".to_owned(),
            format!("{line}\n{line}\n"),
            format!("{line} more"),
            line.replace("read", "root"),
            line.replace(' ', ","),
            line[..line.len() - 1].to_owned(),
        ] {
            assert!(read(&text).is_err(), "{text}");
        }
        assert!(NewKey::make("two words", Scope::Read).is_err() && NewKey::make("", Scope::Read).is_err());
    }
}
