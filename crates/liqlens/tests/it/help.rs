//! Help, completions, schema and version.

#[cfg(unix)]
use crate::context::Run;
use crate::context::{self, TestContext};

const COMMANDS: [&str; 18] = [
    "demo",
    "import",
    "export",
    "reach",
    "at",
    "map",
    "clusters",
    "account",
    "accounts",
    "heatmap",
    "brief",
    "liqprice",
    "tiers",
    "score",
    "lab",
    "schema",
    "completions",
    "version",
];

/// UX-C2: examples stand first, and each runs as it stands against the sample.
#[cfg(unix)]
#[test]
fn every_example_in_the_help_runs() {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_liqlens"));
    let search = std::env::join_paths(
        std::iter::once(binary.parent().unwrap().to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    let mut ran = 0;
    for command in std::iter::once("").chain(COMMANDS) {
        let context = TestContext::new();
        // What the examples of `account` and `accounts` ask: a data directory with the state of an account.
        if command.starts_with("account") {
            let name = "0x3b6996b7aa8371b0301167eefca33efca13307d6.json";
            std::fs::write(context.path(name), context::VAULT).unwrap();
            context.run(&["import", name, "--data", "liqlens-data"]).ok();
        }
        // What the examples of `import` read: an archive under its usual name, account states, a bundled file.
        std::fs::write(
            context.path("clearinghouse-states.json"),
            r#"{"user":"0x3b6996b7aa8371b0301167eefca33efca13307d6","clearinghouseState":{"assetPositions":[],
                "crossMarginSummary":{"accountValue":"1182.3"},"time":1754467216357}}"#,
        )
        .unwrap();
        std::fs::write(
            context.path("BTCUSDT-metrics-2026-03-20.csv"),
            "create_time,symbol,sum_open_interest,sum_open_interest_value\n\
             2026-03-20 00:05:00,BTCUSDT,86000.5,6000000000.25\n",
        )
        .unwrap();
        context.bundled(0);
        let help = context.text(&format!("{command} --help"));
        let examples: Vec<&str> =
            help.lines().map(str::trim).filter(|line| line.starts_with("liqlens ")).collect();
        assert!(!examples.is_empty(), "{command}");
        assert!(help.find("Examples:").unwrap() < help.find("Usage:").unwrap());
        for example in examples {
            let run = Run::of(
                std::process::Command::new("sh")
                    .args(["-c", example])
                    .env("PATH", &search)
                    .current_dir(context.directory())
                    .output()
                    .unwrap(),
            );
            assert_eq!(run.code, 0, "{example}: {}", run.stderr);
            ran += 1;
        }
    }
    assert!(ran > 25, "{ran}");
}

#[test]
fn help_goes_to_standard_output_and_its_absence_to_standard_error() {
    let context = TestContext::new();
    assert!(context.words("--help").ok().stderr.is_empty());
    let bare = context.words("");
    assert_eq!((bare.code, bare.stdout.len()), (2, 0));
    assert!(bare.stderr.contains("liqlens demo"));
}

#[test]
fn every_shell_gets_its_completions() {
    let context = TestContext::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = context.text(&format!("completions {shell}"));
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn every_document_has_a_schema_that_names_its_fields() {
    let context = TestContext::new();
    let names = context.text("schema");
    assert_eq!(names.lines().count(), 23);
    for name in names.lines() {
        let schema = context.words(&format!("schema {name}")).ok().json();
        assert!(schema["properties"]["schema"].is_object(), "{name}");
        let bare = name.split('/').next().unwrap();
        assert_eq!(context.words(&format!("schema {bare}")).ok().json(), schema);
    }
    let document = context.json("reach BTC --amount 50M");
    let schema = context.words("schema reach").ok().json();
    for field in document.as_object().unwrap().keys() {
        assert!(schema["properties"].get(field).is_some(), "{field} is not in the schema");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let context = TestContext::new();
    assert!(context.text("version").starts_with(concat!("liqlens ", env!("CARGO_PKG_VERSION"), "\n")));
    assert_eq!(context.json("version")["version"], env!("CARGO_PKG_VERSION"));
}
