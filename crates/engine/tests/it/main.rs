//! The fold against a slow plain reference, and the edges of its inputs.

mod inputs;
mod reference;
