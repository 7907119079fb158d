//! The page beside the files of a synthetic market: what it is, how it was made, every file and column.

use std::fmt::Write as _;

use liqlens_lab::synthetic::START;

use super::feed::SYMBOL;
use super::made::{Made, Reported, days};
use super::output::Written;

/// The page, in Markdown.
pub(super) fn readme(made: &Made, feed: &[Written], truth: &[Written]) -> String {
    let Made { world, seed, prints, end, .. } = made;
    let mut page = format!(
        "# Synthetic market `{world}`\n\n\
         World `{world}` ({about}), seed {seed}, {days} from {START} to {end}, {feed_name}. Made by liqlens {version} with\n\n    \
         {command}\n\n\
         The same command and version give the same bytes.\n\n\
         **Nothing here happened.** The files bear the name of binance:{SYMBOL} because that contract's maintenance \
         schedule holds in this market. Keep it in a data directory of its own, never beside real data. From this \
         directory:\n\n    \
         liqlens import feed/* --data ../{data}\n    \
         liqlens brief binance:{SYMBOL} --data ../{data}\n\n\
         `feed/` is all that a venue would publish, and all that an estimator may see. `truth/` is what it is judged \
         by; `import` does not read it.\n\n\
         ## What triggers a liquidation\n\n\
         The mark price, and nothing else. It moves in steps of ten seconds, straight from one price to the next, and \
         trades print at it, so the high and low of a candle are those of the mark: whoever was liquidated in a minute \
         had a liquidation price that its candle reached, and no position is left whose price was passed. There is no \
         candle of mark prices beside the one of trades. Fills and marks lie on a grid of 0.1 dollars, liquidation \
         prices do not.\n",
        about = world.about(),
        days = days(made.days),
        feed_name = match prints {
            Reported::Full => "every liquidation reported",
            Reported::Throttled => "the last liquidation of each second reported",
            Reported::Off => "no liquidation reported",
        },
        version = env!("CARGO_PKG_VERSION"),
        data = made.data(),
        command = made.command("DIR"),
    );
    for (title, files) in [("feed", feed), ("truth", truth)] {
        // Writing to a string cannot fail.
        let _ = write!(page, "\n## `{title}/`\n");
        for Written { table, rows } in files {
            let _ = write!(
                page,
                "\n### `{}`\n\n{} {rows} rows.\n\n| column | meaning |\n|---|---|\n",
                table.path, table.about
            );
            for (name, meaning) in table.columns {
                let _ = writeln!(page, "| `{name}` | {meaning} |");
            }
        }
    }
    page
}
