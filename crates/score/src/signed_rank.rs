//! The W-test: Wilcoxon's signed-rank test on the gains of single events.
//!
//! A gain may come from a few events that one forecast liked very much. This test only looks at ranks: are
//! the gains of the events symmetric about zero? (Rhoades and others 2011, section 2.6.) It treats events as
//! independent, which bursts are not: a check of robustness beside the block bootstrap, not a replacement.

use crate::error::{ScoreError, all_finite};
use crate::special::normal_cdf;

/// Most differences for which the exact distribution is used.
const EXACT: usize = 50;

/// Result of a signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// Differences other than 0, which alone count.
    pub count: usize,
    /// Sum of the ranks of the positive differences, `W⁺`.
    pub positive: f64,
    /// Two-sided probability of a rank sum at least as uneven.
    pub two_sided: f64,
    /// Whether the probability is exact (up to 50 differences without ties) or a normal approximation.
    pub exact: bool,
}

/// Tests whether differences are symmetric about 0. Differences 1, 2, −3, 4: ranks 1 + 2 + 4 = 7 of 10, and
/// of the 16 ways to set the signs 5 give 7 or more: two-sided 10/16.
pub fn signed_rank_test(differences: &[f64]) -> Result<SignedRank, ScoreError> {
    all_finite("difference", differences)?;
    let mut sizes: Vec<(f64, bool)> =
        differences.iter().filter(|d| **d != 0.0).map(|d| (d.abs(), *d > 0.0)).collect();
    if sizes.is_empty() {
        return Err(ScoreError::TooLittle { what: "no difference other than 0" });
    }
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = sizes.len();
    let n = count as f64;
    let (mut positive, mut ties, mut before) = (0.0, 0.0, 0.0);
    for group in sizes.chunk_by(|a, b| a.0 == b.0) {
        let size = group.len() as f64;
        let rank = before + 0.5 * (size + 1.0);
        positive += rank * group.iter().filter(|(_, is_positive)| *is_positive).count() as f64;
        ties += size * size * size - size;
        before += size;
    }
    let exact = count <= EXACT && ties == 0.0;
    let two_sided = if exact {
        let all = 0.5 * n * (n + 1.0);
        exact_tail(count, positive.max(all - positive))
    } else {
        normal_tail(n, positive, ties)
    };
    Ok(SignedRank { count, positive, two_sided: two_sided.min(1.0), exact })
}

/// The same from the normal law with the mean and variance of the rank sum; `ties` is `Σ (t³ − t)` over groups
/// of `t` equal sizes.
fn normal_tail(n: f64, positive: f64, ties: f64) -> f64 {
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
    // Half a rank towards the mean: the sum is a whole number, the normal is not.
    let distance = ((positive - 0.25 * n * (n + 1.0)).abs() - 0.5).max(0.0);
    if variance > 0.0 { 2.0 * normal_cdf(-distance / variance.sqrt()) } else { 1.0 }
}

/// `2·P(W ≥ sum)` when each rank 1…n counts with probability ½, by building up the distribution rank by rank.
fn exact_tail(n: usize, sum: f64) -> f64 {
    let most = n * (n + 1) / 2;
    let mut chance = vec![0.0; most + 1];
    chance[0] = 1.0;
    for rank in 1..=n {
        for total in (0..=most).rev() {
            let with = if total >= rank { chance[total - rank] } else { 0.0 };
            chance[total] = 0.5 * (chance[total] + with);
        }
    }
    let tail: f64 = chance.iter().enumerate().filter(|(total, _)| *total as f64 >= sum).map(|(_, p)| p).sum();
    2.0 * tail
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` differences 1…n, negative those whose ranks are listed.
    fn ranks(n: u32, negative: &[u32]) -> Vec<f64> {
        (1..=n).map(|r| if negative.contains(&r) { -f64::from(r) } else { f64::from(r) }).collect()
    }

    #[test]
    fn critical_values_are_those_of_the_table() {
        // Two-sided 5 %: the smaller rank sum is at most 8 for n = 10, 52 for n = 20, 0 for n = 6.
        let at = |n, negative: &[u32]| signed_rank_test(&ranks(n, negative)).unwrap();
        assert!((at(10, &[8]).two_sided - 50.0 / 1024.0).abs() < 1e-12);
        assert!(at(10, &[9]).two_sided > 0.05);
        assert!(at(20, &[20, 19, 13]).two_sided < 0.05, "rank sum 52");
        assert!(at(20, &[20, 19, 14]).two_sided > 0.05, "rank sum 53");
        assert!((at(6, &[]).two_sided - 2.0 / 64.0).abs() < 1e-12);
        assert_eq!((at(10, &[8]).positive, at(10, &[8]).exact), (47.0, true));
    }

    #[test]
    fn the_small_example_is_counted_by_hand() {
        // Sums of subsets of {1,2,3,4} that reach 7: {3,4} {1,2,4} {1,3,4} {2,3,4} {1,2,3,4}: 5 of 16.
        let test = signed_rank_test(&[1.0, 2.0, -3.0, 4.0]).unwrap();
        assert_eq!((test.count, test.positive), (4, 7.0));
        assert!((test.two_sided - 10.0 / 16.0).abs() < 1e-12);
        // Zeros do not count, ties share the mean rank: |1| twice has rank 1.5 each.
        let test = signed_rank_test(&[1.0, 0.0, -1.0, 2.0]).unwrap();
        assert_eq!((test.count, test.positive, test.exact), (3, 4.5, false));
        assert!(signed_rank_test(&[0.0]).is_err() && signed_rank_test(&[f64::NAN]).is_err());
    }

    #[test]
    fn the_approximation_meets_the_exact_law() {
        for sum in [638.0, 700.0, 800.0, 841.0, 900.0, 1_000.0] {
            let (exact, normal) = (exact_tail(50, sum), normal_tail(50.0, sum, 0.0));
            // The rank sum has thinner tails than the normal: kurtosis −Σr⁴/8 / (Σr²/4)² = −0.071, by
            // Edgeworth's series up to 0.0035 of a two-sided probability.
            assert!((exact - normal).abs() < 0.0035, "{sum}: {exact} {normal}");
        }
        // 3 groups of 2 and one of 3 among 9: variance 9·10·19/24 − (3·6 + 24)/48.
        let tied = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 4.0];
        let z = (22.5 - 0.5) / (9.0_f64 * 10.0 * 19.0 / 24.0 - 42.0 / 48.0).sqrt();
        let test = signed_rank_test(&tied).unwrap();
        assert!((test.two_sided - libm::erfc(z / core::f64::consts::SQRT_2)).abs() < 1e-12);
    }
}
