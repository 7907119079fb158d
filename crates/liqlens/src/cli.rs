//! The command line as typed. Nothing here is checked beyond its shape: [`crate::request`] says what the
//! words mean.

mod export;
mod lab;
mod score;
mod serve;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

pub(crate) use self::export::ExportArgs;
pub(crate) use self::lab::{LabArgs, LabCommand, PrintsName, WorldArgs};
pub(crate) use self::score::{BackgroundArg, CellsArg, ScoreArgs, WeightsArg};
pub(crate) use self::serve::{KeyArgs, LogForm, ScopeName, ServeArgs};
use crate::help;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "liqlens",
    version,
    about = "Liquidation maps of crypto perpetual futures: how far price must move for how many dollars of\n\
             longs or shorts to be liquidated, and where.",
    before_help = help::TOP,
    help_template = help::TEMPLATE,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
)]
pub(crate) struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[allow(clippy::struct_excessive_bools)] // independent switches, as typed
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Data directory to answer from or import into, or archive to answer from [default: the bundled sample]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data: Option<PathBuf>,
    /// Answer with what was known at this time: 2026-01-04T13:00:00Z, 2026-01-04, now-2h, @1767531600
    /// [default: the newest time with price and open interest]
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) as_of: Option<String>,
    /// How positions are inferred: m0 (every trade opens), m1 (open interest tells) or m2 (reported liquidations
    /// teach m1 how far from liquidation positions are) [default: m2]
    #[arg(long, global = true, value_name = "MODEL", value_enum)]
    pub(crate) model: Option<ModelName>,
    /// Which positions answer: read from public accounts, or inferred by a model [default: measured where
    /// the data hold account states of the market]
    #[arg(long, global = true, value_name = "EVIDENCE", value_enum)]
    pub(crate) evidence: Option<EvidenceName>,
    /// Answer although the data are too stale or too thin
    #[arg(long, global = true)]
    pub(crate) allow_stale: bool,
    /// Write the JSON document; errors are written as JSON too
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing but the answer and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Say more about what is being done
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Write no colours.
    #[arg(long, global = true, help = "Write no colours (as do NO_COLOR and TERM=dumb)")]
    pub(crate) no_color: bool,
    /// Name of this run in JSON errors [default: random]
    #[arg(long, global = true, value_name = "ID", hide_short_help = true)]
    pub(crate) trace_id: Option<String>,
}

/// Names of the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelName {
    /// Every trade opens a position.
    M0,
    /// Open interest tells opening from closing.
    M1,
    /// M1 taught by reported liquidations.
    M2,
}

/// Where positions come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvidenceName {
    /// Public accounts.
    Measured,
    /// A model.
    Modelled,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show everything once with the bundled sample: brief, reach table, pictures
    #[command(before_help = help::DEMO)]
    Demo(DemoArgs),
    /// Read archive files and account states into a data directory
    #[command(before_help = help::IMPORT)]
    Import(ImportArgs),
    /// Write the data as an archive of Parquet files
    #[command(before_help = help::EXPORT)]
    Export(ExportArgs),
    /// How far must price move for an amount of each side to be liquidated?
    #[command(before_help = help::REACH)]
    Reach(ReachArgs),
    /// How many dollars of each side would a move liquidate?
    #[command(before_help = help::AT)]
    At(AtArgs),
    /// Dollars by liquidation price around the last price
    #[command(before_help = help::MAP)]
    Map(MapArgs),
    /// Price bands where liquidations concentrate, ranked
    #[command(before_help = help::CLUSTERS)]
    Clusters(ClustersArgs),
    /// The public accounts behind a measured map, largest positions first
    #[command(before_help = help::ACCOUNTS)]
    Accounts(AccountsArgs),
    /// One public account: its positions, and what happens when its coins move together
    #[command(before_help = help::ACCOUNT)]
    Account(AccountArgs),
    /// The map over time
    #[command(before_help = help::HEATMAP)]
    Heatmap(HeatmapArgs),
    /// One page a reader can use: both distances, what they mean, how sure they are
    #[command(before_help = help::BRIEF)]
    Brief(BriefArgs),
    /// Open the page and the HTTP interface
    #[command(before_help = help::SERVE)]
    Serve(ServeArgs),
    /// Make a key for a server that other machines reach
    #[command(before_help = help::KEY)]
    Key(KeyArgs),
    /// At which price is a position liquidated, by its venue's own rules?
    #[command(before_help = help::LIQPRICE, override_usage = help::LIQPRICE_USAGE)]
    Liqprice(Box<LiqPriceArgs>),
    /// A market's maintenance margin tiers, or what is known of each venue
    #[command(before_help = help::TIERS)]
    Tiers(TiersArgs),
    /// How well do maps foretell what is liquidated? Models and the peers' methods side by side
    #[command(before_help = help::SCORE)]
    Score(ScoreArgs),
    /// Markets to test models on
    #[command(before_help = help::LAB)]
    Lab(LabArgs),
    /// The JSON Schema of a document
    #[command(before_help = help::SCHEMA)]
    Schema(SchemaArgs),
    /// A completion script for a shell
    #[command(before_help = help::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Version of the program and of its documents
    #[command(before_help = help::VERSION)]
    Version,
}

/// `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Directory for the pictures
    #[arg(long, value_name = "DIR", default_value = "liqlens-demo", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
}

/// `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Archive files (CSV or JSON lines) and account states (JSON), plain or in gz or zip
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Market the files are about, if they do not say: binance:BTCUSDT
    #[arg(long, value_name = "MARKET")]
    pub(crate) market: Option<String>,
    /// Format of the rows, if it is not recognised
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// Length of the candles, if the file does not say: 1m, 1h
    #[arg(long, value_name = "LENGTH")]
    pub(crate) interval: Option<String>,
    /// Price the candles are of, if the file does not say
    #[arg(long, value_name = "PRICE", value_enum)]
    pub(crate) price: Option<PriceName>,
}

/// Which price candles are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PriceName {
    /// Mark price.
    Mark,
    /// Index price.
    Index,
    /// Traded price.
    Trades,
}

/// `reach`.
#[derive(Debug, Args)]
pub(crate) struct ReachArgs {
    /// Market: BTC, BTC/USDT:USDT, binance:BTCUSDT
    #[arg(allow_hyphen_values = true)]
    pub(crate) symbol: String,
    /// Amount per side: 250k, 500M, 1.1B
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) amount: String,
    /// Unit of the amount: USD, the market's coin, or %oi (percent of open interest)
    #[arg(long = "in", value_name = "UNIT", default_value = "USD")]
    pub(crate) unit: String,
    /// Where the answer goes.
    #[command(flatten)]
    pub(crate) save: SaveArgs,
}

/// `at`.
#[derive(Debug, Args)]
pub(crate) struct AtArgs {
    /// Market: BTC, BTC/USDT:USDT, binance:BTCUSDT
    #[arg(allow_hyphen_values = true)]
    pub(crate) symbol: String,
    /// Move of the price: -2%, +770, to:90000; may be given several times
    #[arg(long = "move", value_name = "MOVE", required = true, allow_hyphen_values = true)]
    pub(crate) moves: Vec<String>,
    /// Where the answer goes.
    #[command(flatten)]
    pub(crate) save: SaveArgs,
}

/// `map`.
#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    /// Market: BTC, BTC/USDT:USDT, binance:BTCUSDT
    #[arg(allow_hyphen_values = true)]
    pub(crate) symbol: String,
    /// Distance from the price shown either way [default: 10%, wider if nothing stands within]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub(crate) within: Option<String>,
    /// Width of the bins: 25bp, 100usd [default: chosen for the window]
    #[arg(long, value_name = "WIDTH", allow_hyphen_values = true)]
    pub(crate) bin: Option<String>,
    /// Look of the picture.
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// Where the answer goes.
    #[command(flatten)]
    pub(crate) save: SaveArgs,
}

/// `clusters`.
#[derive(Debug, Args)]
pub(crate) struct ClustersArgs {
    /// Market: BTC, BTC/USDT:USDT, binance:BTCUSDT
    #[arg(allow_hyphen_values = true)]
    pub(crate) symbol: String,
    /// Distance from the price searched either way
    #[arg(long, value_name = "PERCENT", default_value = "10%", allow_hyphen_values = true)]
    pub(crate) within: String,
    /// Where the answer goes.
    #[command(flatten)]
    pub(crate) save: SaveArgs,
}

/// `account`.
#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    /// Venue: hyperliquid, dydx, lighter
    pub(crate) venue: String,
    /// The account's name, the start of it, or its shortened form (0x3b69…07d6)
    pub(crate) account: String,
    /// How far a coin moves when the common move is 1, as BTC=1; may be given for several
    #[arg(long = "beta", value_name = "COIN=BETA")]
    pub(crate) betas: Vec<String>,
    /// The same for all other coins
    #[arg(long, value_name = "BETA", default_value = "1", allow_hyphen_values = true)]
    pub(crate) others: String,
    /// Where the answer goes.
    #[command(flatten)]
    pub(crate) save: SaveArgs,
}

/// `accounts`.
#[derive(Debug, Args)]
pub(crate) struct AccountsArgs {
    /// Market: BTC, hyperliquid:BTC
    #[arg(allow_hyphen_values = true)]
    pub(crate) symbol: String,
    /// Liquidation prices looked at: 60000..70000 [default: all]
    #[arg(long, value_name = "LOW..HIGH", allow_hyphen_values = true)]
    pub(crate) between: Option<String>,
    /// Side looked at [default: both]
    #[arg(long, value_name = "SIDE", value_enum)]
    pub(crate) side: Option<PositionSide>,
    /// Most positions listed
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) top: u16,
    /// Where the answer goes.
    #[command(flatten)]
    pub(crate) save: SaveArgs,
}

/// Sides of positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PositionSide {
    /// Liquidated if price falls.
    Long,
    /// Liquidated if price rises.
    Short,
}

/// `heatmap`.
#[derive(Debug, Args)]
pub(crate) struct HeatmapArgs {
    /// Market: BTC, BTC/USDT:USDT, binance:BTCUSDT
    #[arg(allow_hyphen_values = true)]
    pub(crate) symbol: String,
    /// Length of the range, which ends at --as-of: 12h, 7d
    #[arg(long, value_name = "LENGTH", default_value = "24h", allow_hyphen_values = true)]
    pub(crate) last: String,
    /// Start of the range, instead of its length
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, conflicts_with = "last")]
    pub(crate) from: Option<String>,
    /// Length of a column: 5m, 1h [default: chosen for the range]
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true)]
    pub(crate) step: Option<String>,
    /// Height of a row, a multiple of 5bp
    #[arg(long, value_name = "WIDTH", default_value = "10bp", allow_hyphen_values = true)]
    pub(crate) row: String,
    /// Distance shown beyond the range's lowest and highest price
    #[arg(long, value_name = "PERCENT", default_value = "10%", allow_hyphen_values = true)]
    pub(crate) within: String,
    /// Look of the picture.
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// Where the answer goes.
    #[command(flatten)]
    pub(crate) save: SaveArgs,
}

/// `brief`.
#[derive(Debug, Args)]
pub(crate) struct BriefArgs {
    /// Market: BTC, BTC/USDT:USDT, binance:BTCUSDT
    #[arg(allow_hyphen_values = true)]
    pub(crate) symbol: String,
    /// Amount per side, in dollars [default: the largest both sides hold inside the window, rounded down]
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) amount: Option<String>,
    /// Distance either way within which the amount is chosen [default: 5 %, or 10 % in a wild market]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub(crate) within: Option<String>,
    /// Form of the brief
    #[arg(long, value_name = "FORM", value_enum)]
    pub(crate) format: Option<BriefForm>,
    /// Look of the picture.
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// File to write; its suffix chooses the form (txt, md, html, json, png, svg)
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// Forms of the brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BriefForm {
    /// Wrapped text.
    Text,
    /// Markdown without raw HTML.
    Md,
    /// One self-contained page.
    Html,
    /// The document.
    Json,
    /// Picture of the map, 1600x900.
    Png,
    /// Picture for link previews, 1200x630.
    Card,
}

/// `liqprice`.
#[derive(Debug, Args)]
pub(crate) struct LiqPriceArgs {
    /// Venue and symbol, in one word or two, then long or short: binance BTCUSDT long
    #[arg(required = true, num_args = 2..=3, value_names = ["MARKET", "SIDE"])]
    pub(crate) words: Vec<String>,
    /// Average entry price
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true)]
    pub(crate) entry: String,
    /// Size: base coin on linear contracts, contracts on inverse ones; or 0.5BTC, 20000USD, 12contracts
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub(crate) size: String,
    /// Leverage chosen
    #[arg(long, value_name = "LEVERAGE", allow_hyphen_values = true)]
    pub(crate) leverage: Option<String>,
    /// Margin behind the position before anything was added; in cross mode the wallet balance, less what
    /// other positions must keep, plus their profit
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) margin: Option<String>,
    /// Margin mode [default: isolated, or cross if a wallet or a hedge is given]
    #[arg(long, value_name = "MODE", value_enum)]
    pub(crate) mode: Option<ModeArg>,
    /// Margin added since, negative if taken out
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) added: Option<String>,
    /// Mark price now, from which distances are measured [default: the entry price]
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true)]
    pub(crate) mark: Option<String>,
    /// Day whose rules and margin table are used: 2026-05-27 [default: today]
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub(crate) date: Option<String>,
    /// Your taker fee, 0.05% or 0.0005 [default: the venue's for ordinary accounts]
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    pub(crate) fee: Option<String>,
    /// Price tick, to round as the venue does
    #[arg(long, value_name = "TICK", allow_hyphen_values = true)]
    pub(crate) tick: Option<String>,
    /// Maintenance rate (or adjust factor) in place of the margin table's
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    pub(crate) rate: Option<String>,
    /// Maintenance amount that goes with --rate [default: 0]
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, requires = "rate")]
    pub(crate) amount: Option<String>,
    /// Cross: wallet balance, in place of --margin
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, conflicts_with = "margin")]
    pub(crate) wallet: Option<String>,
    /// Cross: maintenance of all other positions in the wallet [default: 0]
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, requires = "wallet")]
    pub(crate) other_maintenance: Option<String>,
    /// Cross: profit of all other positions in the wallet, negative if a loss [default: 0]
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, requires = "wallet")]
    pub(crate) other_profit: Option<String>,
    /// Hedge mode: size of the opposite leg in the same wallet
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, requires = "hedge_entry")]
    pub(crate) hedge_size: Option<String>,
    /// Hedge mode: average entry price of the opposite leg
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true, requires = "hedge_size")]
    pub(crate) hedge_entry: Option<String>,
    /// Where the answer goes.
    #[command(flatten)]
    pub(crate) save: SaveArgs,
}

/// Margin modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// The position has its own margin.
    Isolated,
    /// The whole wallet backs it.
    Cross,
}

/// `tiers`.
#[derive(Debug, Args)]
pub(crate) struct TiersArgs {
    /// Venue and symbol, in one word or two; a venue alone lists its symbols, nothing lists the venues
    #[arg(num_args = 0..=2, value_name = "MARKET")]
    pub(crate) words: Vec<String>,
    /// Day for which the ladder is asked: 2026-05-27 [default: today]
    #[arg(long, value_name = "DATE", allow_hyphen_values = true, conflicts_with = "all_dates")]
    pub(crate) date: Option<String>,
    /// Show every recording of the ladder
    #[arg(long)]
    pub(crate) all_dates: bool,
    /// List only symbols that contain this
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Where the answer goes.
    #[command(flatten)]
    pub(crate) save: SaveArgs,
}

/// `schema`.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Document, such as reach or reach/1; without it the documents are listed
    pub(crate) name: Option<String>,
}

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell
    pub(crate) shell: Shell,
}

/// Where an answer goes.
#[derive(Debug, Args)]
pub(crate) struct SaveArgs {
    /// Write rows of exact decimals
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// File to write; its suffix chooses the form (txt, json, csv, md, html; pictures: svg, png)
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// How a picture looks.
#[derive(Debug, Args)]
pub(crate) struct LookArgs {
    /// Ground of the picture
    #[arg(long, value_enum, default_value_t = ThemeName::Light)]
    pub(crate) theme: ThemeName,
    /// Size of the picture: 1600x900 or 1200x630
    #[arg(long, value_name = "SIZE", default_value = "1600x900")]
    pub(crate) size: String,
}

/// Grounds of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeName {
    /// Dark on white.
    Light,
    /// Light on near-black.
    Dark,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
