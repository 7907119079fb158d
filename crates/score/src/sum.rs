//! Addition that does not lose small terms beside large ones.

/// A running sum that carries the part each addition rounds away (Neumaier 1974).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    total: f64,
    carry: f64,
}

impl Sum {
    /// Adds one term.
    pub fn add(&mut self, term: f64) {
        let next = self.total + term;
        self.carry += if self.total.abs() >= term.abs() {
            (self.total - next) + term
        } else {
            (term - next) + self.total
        };
        self.total = next;
    }

    /// What was added so far.
    pub fn value(self) -> f64 {
        self.total + self.carry
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        for term in terms {
            sum.add(term);
        }
        sum
    }
}

/// Sum of the terms, in their order.
pub fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    terms.into_iter().collect::<Sum>().value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_terms_survive_large_ones() {
        // Exactly 2; plain addition gives 0.
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
        // A million tenths: plain addition is off by 1.3e-6.
        assert!((sum((0..1_000_000).map(|_| 0.1)) - 100_000.0).abs() < 1e-9);
    }
}
