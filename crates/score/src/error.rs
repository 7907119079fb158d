//! What can be wrong with the input of a score.

/// Why something cannot be scored.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ScoreError {
    /// Two columns that describe the same cells differ in length.
    #[error("{found} values of {what} for {expected} cells: pass exactly one per cell, in the same order")]
    Length {
        /// The column.
        what: &'static str,
        /// How many it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A number outside its range.
    #[error("{what} number {index} is {value}: it must be {range}")]
    Value {
        /// The column.
        what: &'static str,
        /// Place in the column, from 0.
        index: usize,
        /// What stands there.
        value: f64,
        /// What may stand there.
        range: &'static str,
    },
    /// A forecast of exactly zero where something happened: its log score is minus infinity.
    #[error(
        "{what} is 0 in cell {index}, where {count} events happened: a forecast must leave every swept cell \
         a positive rate, so mix in a uniform one"
    )]
    RuledOut {
        /// Which forecast.
        what: &'static str,
        /// The cell, from 0.
        index: usize,
        /// Events there.
        count: f64,
    },
    /// Windows out of order or overlapping.
    #[error("window {index} begins before the one before it ends: windows must be in order and not overlap")]
    Overlap {
        /// The later window, from 0.
        index: usize,
    },
    /// Too little for the answer asked for.
    #[error("too little to score: {what}")]
    TooLittle {
        /// What is missing.
        what: &'static str,
    },
}

/// `Ok` if a column has one value per cell.
pub(crate) fn same_length(what: &'static str, expected: usize, found: usize) -> Result<(), ScoreError> {
    if expected == found { Ok(()) } else { Err(ScoreError::Length { what, expected, found }) }
}

/// `Ok` if every value is finite and not negative.
pub(crate) fn all_amounts(what: &'static str, values: &[f64]) -> Result<(), ScoreError> {
    match values.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
        None => Ok(()),
        Some(index) => {
            Err(ScoreError::Value { what, index, value: values[index], range: "finite and not negative" })
        }
    }
}

/// `Ok` if every value is finite.
pub(crate) fn all_finite(what: &'static str, values: &[f64]) -> Result<(), ScoreError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(ScoreError::Value { what, index, value: values[index], range: "finite" }),
    }
}
