//! `score`: models side by side on what was liquidated.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum, ValueHint};
use liqlens_lab::ROSTER;

/// `score`.
#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// Market: BTC, BTC/USDT:USDT, binance:BTCUSDT
    #[arg(allow_hyphen_values = true)]
    pub(crate) symbol: String,
    /// First moment scored [default: a day after the first reported liquidation; heads calibrate before]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) from: Option<String>,
    /// Last moment known [default: --as-of, or the newest time with price and open interest]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) to: Option<String>,
    /// Models that take part: m0a to m0e are the peers' methods; findings and checks are about the last
    #[arg(
        long, value_name = "NAMES", value_delimiter = ',', value_parser = PossibleValuesParser::new(ROSTER),
        default_values_t = ROSTER.map(str::to_owned),
    )]
    pub(crate) models: Vec<String>,
    /// Lengths of forecast, whole minutes that divide a day
    #[arg(
        long, value_name = "LENGTHS", value_delimiter = ',', allow_hyphen_values = true,
        default_values_t = ["1m", "5m", "30m", "60m"].map(str::to_owned),
    )]
    pub(crate) horizons: Vec<String>,
    /// Smallest place a liquidation is told to have happened in
    #[arg(long, value_name = "CELLS", value_enum, default_value_t = CellsArg::Auto)]
    pub(crate) cells: CellsArg,
    /// What an event is
    #[arg(long, value_name = "WEIGHTS", value_enum, default_value_t = WeightsArg::Auto)]
    pub(crate) weights: WeightsArg,
    /// What the rates that know no map are spread over
    #[arg(long, value_name = "BACKGROUND", value_enum, default_value_t = BackgroundArg::Swept)]
    pub(crate) background: BackgroundArg,
    /// Directory for the document (score.json) and pictures of gains, reliability and transforms
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    /// Fail with exit code 5 unless a figure is at least VALUE, or inside LOW..HIGH; may be given several times
    #[arg(
        long,
        value_name = "NAME=VALUE",
        allow_hyphen_values = true,
        long_help = "Fail with exit code 5 unless a figure of the last model is at least VALUE, or inside LOW..HIGH \
                     (either end may be missing). May be given several times.\n\
                     Names end in a horizon, as in gain_best_1m:\n  \
                     gain_best, gain_m0a, gain_m0b, ...  lower end of the interval of the gain over the best or \
                     that baseline; must exceed VALUE\n  \
                     gain_r1, gain_r2                    gain over the references, without interval\n  \
                     product_gain_...                    the same of the product head\n  \
                     level                               raw level of the map; 1 is right\n  \
                     coverage50, coverage80, coverage95  share of window totals inside the band\n  \
                     ece, slope, auc, lift               of the product head, as in the document"
    )]
    pub(crate) min: Vec<String>,
}

/// Smallest place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CellsArg {
    /// Bins if reports have prices, minutes if not.
    Auto,
    /// Swept bins of a side.
    Bins,
    /// What a minute newly swept on a side.
    Minutes,
}

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WeightsArg {
    /// Reports if they have prices, contracts if not.
    Auto,
    /// A report, whatever its size.
    Prints,
    /// A contract.
    Contracts,
}

/// What backgrounds are spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BackgroundArg {
    /// The swept part of each bin.
    Swept,
    /// Each touched bin whole, which flatters every map; to compare with figures measured so.
    Touched,
}
