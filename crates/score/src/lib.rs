//! How good a forecast of liquidations was: the scores of the validation protocol, each a pure function.
//!
//! A forecast gives every cell – a side × price bin the price went through in a window of time – an expected
//! number of liquidations; a [`Catalogue`] holds the cells and what happened in them. From there:
//!
//! * which of two forecasts is better: [`information_gain`], with the interval of a [`BlockBootstrap`] and
//!   the robust [`signed_rank_test`];
//! * whether one forecast agrees with what happened: [`number_test`], [`conditional_likelihood_test`],
//!   [`spatial_test`], [`Reliability`], [`raw_level`];
//! * whether it finds the right cells: [`auc`], [`TopMass`];
//! * whether its uncertainty is honest: [`WeightedSample::crps`], [`pinball`], [`Coverage`], [`Uniformity`];
//!   and [`ConformalBands`], which makes it so;
//! * how far a map is from the true one: [`MassProfile`] with [`wasserstein`], [`overlap`], [`mass_error`],
//!   [`reach_error`].
//!
//! Nothing here reads a file or a clock, starts a thread, or draws a number from anything but a given seed;
//! logarithms and exponentials are a software implementation: the same input gives the same bytes.

mod bootstrap;
mod cells;
mod conformal;
mod consistency;
mod coverage;
mod error;
mod gain;
mod profile;
mod random;
mod ranking;
mod reliability;
mod sample;
mod signed_rank;
mod special;
mod sum;
mod total;

pub use bootstrap::{BlockBootstrap, Interval, Resampled, Term};
pub use cells::{Catalogue, Cell, Path, Print, Window};
pub use conformal::{Band, ConformalBands, ConformalSettings, Issued, STRATA, gamma_band};
pub use consistency::{
    LikelihoodTest, NumberTest, conditional_likelihood_test, dispersed_number_test, number_test, spatial_test,
};
pub use coverage::{Coverage, Uniformity};
pub use error::ScoreError;
pub use gain::{Gain, WindowGain, event_gains, gain_by_window, gain_of_windows, information_gain};
pub use profile::{LogRatio, MassProfile, Stretch, mass_error, overlap, reach_error, wasserstein};
pub use random::Random;
pub use ranking::{TopMass, auc};
pub use reliability::{Reliability, ReliabilityBin, raw_level};
pub use sample::{WeightedSample, crps_of_quantiles, interpolated_quantile, interval_score, pinball};
pub use signed_rank::{SignedRank, signed_rank_test};
pub use special::{
    beta_cdf, chi_square_survival, gamma_cdf, gamma_quantile, gamma_survival, kolmogorov_survival,
    normal_cdf, normal_pdf, normal_quantile, poisson_at_least, poisson_at_most, student_quantile,
};
pub use sum::{Sum, sum};
pub use total::{BurstLaw, gamma_crps};
