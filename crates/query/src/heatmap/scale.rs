//! Colour stops: quantiles of the cells that hold anything, in two passes and without a copy of them.

use crate::document::{Column, HeatScale};

/// Leading bits of a value that choose its bucket, the first of them aside.
const BITS: u32 = 10;
const PER_OCTAVE: usize = 1 << BITS;
/// Buckets of all positive values: those below 2¹⁰ alone, then 2¹⁰ for each further power of two.
const BUCKETS: usize = (64 - BITS as usize) * PER_OCTAVE;
const PER_CENT: [usize; 3] = [50, 90, 99];

/// Quantiles of the cells that hold anything.
pub(super) fn scale(columns: &[Column]) -> HeatScale {
    let [p50_usd, p90_usd, p99_usd] = quantiles(|| {
        let pairs = columns.iter().flat_map(|column| column.long_usd.iter().zip(&column.short_usd));
        pairs.map(|(long, short)| long.saturating_add(*short)).filter(|usd| *usd > 0)
    });
    HeatScale { p50_usd, p90_usd, p99_usd }
}

/// The values at 50, 90 and 99 % of the way through a sequence of positive values if it were sorted; zeros if it
/// is empty. `values` gives the same sequence each time.
fn quantiles<I: Iterator<Item = i64>>(values: impl Fn() -> I) -> [i64; 3] {
    let mut counts = vec![0_u32; BUCKETS];
    let mut total = 0_usize;
    values().for_each(|value| {
        if let Some(count) = counts.get_mut(bucket(value)) {
            *count += 1;
            total += 1;
        }
    });
    let wanted = PER_CENT.map(|per_cent| place(&counts, (total * per_cent / 100).min(total.max(1) - 1)));
    let mut members: [Vec<i64>; 3] = Default::default();
    values().for_each(|value| {
        let bucket = bucket(value);
        // The first of equal buckets collects for all of them.
        if let Some(index) = wanted.iter().position(|(wanted, _)| *wanted == bucket) {
            members[index].push(value);
        }
    });
    for members in &mut members {
        members.sort_unstable();
    }
    wanted.map(|(bucket, rank)| {
        let index = wanted.iter().position(|(wanted, _)| *wanted == bucket).unwrap_or(0);
        members[index].get(rank).copied().unwrap_or(0)
    })
}

/// The bucket that holds the value of a rank, and its rank in there.
fn place(counts: &[u32], mut rank: usize) -> (usize, usize) {
    for (bucket, count) in counts.iter().enumerate() {
        let count = usize::try_from(*count).unwrap_or(usize::MAX);
        if rank < count {
            return (bucket, rank);
        }
        rank -= count;
    }
    (BUCKETS, 0)
}

/// The bucket of a positive value; larger values have no smaller bucket.
fn bucket(value: i64) -> usize {
    let value = value.cast_unsigned();
    let octave = value.checked_ilog2().unwrap_or(0).saturating_sub(BITS);
    // The leading bit adds a whole octave to the count of octaves below.
    let leading = usize::try_from(value >> octave).unwrap_or(usize::MAX);
    usize::try_from(octave).unwrap_or(0) * PER_OCTAVE + leading
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Small ones that share buckets of one value, middling ones, and the largest there are.
    fn value() -> impl Strategy<Value = i64> {
        prop_oneof![1..40_i64, 900..5_000_i64, 1_000_000..1_002_000_i64, 1..=i64::MAX]
    }

    proptest! {
        #[test]
        fn quantiles_are_those_of_the_sorted_values(values in prop::collection::vec(value(), 0..300)) {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let expected = [50, 90, 99].map(|per_cent| {
                let index = (sorted.len() * per_cent / 100).min(sorted.len().saturating_sub(1));
                sorted.get(index).copied().unwrap_or(0)
            });
            prop_assert_eq!(quantiles(|| values.iter().copied()), expected);
        }

        #[test]
        fn buckets_keep_the_order(a in value(), b in value()) {
            prop_assert!(bucket(a.min(b)) <= bucket(a.max(b)));
            prop_assert!(bucket(a) < BUCKETS);
        }
    }

    #[test]
    fn the_largest_value_has_the_last_bucket() {
        assert_eq!((bucket(1), bucket(1_023), bucket(1_024)), (1, 1_023, 1_024));
        assert_eq!((bucket(2_047), bucket(2_048), bucket(2_049)), (2_047, 2_048, 2_048));
        assert_eq!(bucket(i64::MAX), BUCKETS - 1);
    }
}
