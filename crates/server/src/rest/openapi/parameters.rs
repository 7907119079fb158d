//! Parameters and the words they take.

use liqlens_ask::Parameter;
use serde_json::{Value, json};

use super::super::form::Form;

/// A moment: RFC 3339, a date, `now`, `now-2h`, `@1767531600`.
const MOMENT: &str = "^(now(-[1-9][0-9]{0,4}[smhdw])?|@[0-9]{1,19}(s|ms|us|ns)?|20[0-9]{2}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[+-][01][0-9]:[0-5][0-9]))?)$";
/// Digits with an optional fraction and one of k, M, B, T.
const AMOUNT: &str = "^[0-9]{1,12}(\\.[0-9]{1,2})?[kKmMbBtT]?$";
const SPAN: &str = "^[1-9][0-9]{0,4}[smhdw]$";
const STEP: &str = "^(auto|[1-9][0-9]{0,4}[smhdw])$";
const PERCENT: &str = "^[0-9]{1,2}(\\.[0-9]{1,4})?%?$";
const BIN: &str = "^(auto|[0-9]{1,6}(\\.[0-9]{1,4})?(bp|usd))$";
const ROW: &str = "^[1-9][0-9]{0,3}bp$";
const MOVE: &str = "^([+-][0-9]{1,7}(\\.[0-9]{1,6})?%?|to:[0-9]{1,9}(\\.[0-9]{1,8})?)(,([+-][0-9]{1,7}(\\.[0-9]{1,6})?%?|to:[0-9]{1,9}(\\.[0-9]{1,8})?)){0,99}$";

/// The symbol in a path.
pub(super) fn in_path() -> Value {
    json!({
        "name": "symbol",
        "in": "path",
        "required": true,
        "description": "A market: `BTC`, `BTC/USDT:USDT` (the slash escaped) or `binance:BTCUSDT`. Letters of any script.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        "example": "BTC",
    })
}

/// A parameter in the query.
pub(super) fn in_query(parameter: &Parameter, forms: &[Form]) -> Value {
    let Parameter { name, meaning, example, default } = *parameter;
    let mut described = json!({
        "name": name,
        "in": "query",
        "required": false,
        "description": format!("{meaning} Without it: {default}."),
        "schema": schema(name, forms),
        "example": example,
    });
    match name {
        "allow_stale" => described["example"] = json!(true),
        "limit" | "max_points" => {
            described["example"] = example.parse::<u64>().map_or(Value::Null, |number| json!(number));
        }
        // Colons, commas and plus signs are themselves in a query.
        "move" | "as_of" | "from" => described["allowReserved"] = json!(true),
        _ => {}
    }
    described
}

fn schema(name: &str, forms: &[Form]) -> Value {
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let one_of = |names: &[&str]| json!({"type": "string", "enum": names});
    match name {
        "as_of" | "from" => text(MOMENT),
        "last" => text(SPAN),
        "step" => text(STEP),
        "amount" | "min" => text(AMOUNT),
        "within" => text(PERCENT),
        "bin" => text(BIN),
        "row" => text(ROW),
        "move" => text(MOVE),
        "evidence" => one_of(&["measured", "modelled"]),
        "model" => one_of(&["m0", "m1", "m2"]),
        "theme" => one_of(&["light", "dark"]),
        "format" => {
            json!({"type": "string", "enum": forms.iter().map(|form| form.name()).collect::<Vec<_>>()})
        }
        "allow_stale" => json!({"type": "boolean"}),
        "limit" | "max_points" => json!({"type": "integer", "minimum": 1, "maximum": 10_000}),
        _ => json!({"type": "string", "maxLength": 128}),
    }
}
