//! `export`: markets as Parquet files.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Markets: BTC, BTC/USDT:USDT, binance:BTCUSDT [default: everything in the data directory]
    #[arg(value_name = "SYMBOL")]
    pub(crate) symbols: Vec<String>,
    /// Directory of the archive, new or existing; days that have not changed are left alone
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: PathBuf,
    /// Time in the first UTC day written [default: the first there is]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) from: Option<String>,
    /// Time in the last UTC day written [default: the last there is]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) to: Option<String>,
}
