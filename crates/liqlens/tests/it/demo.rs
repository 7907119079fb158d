//! `demo`.

use crate::context::TestContext;

#[test]
fn everything_is_shown_once() {
    let context = TestContext::new();
    let run = context.words("demo").ok();
    let text = run.text();
    assert!(text.starts_with("> Liquidation maps are not price predictions."));
    for amount in ["$10M", "$50M", "$100M", "$250M"] {
        let rows = text.lines().filter(|line| {
            let mut words = line.split_whitespace().skip(1);
            matches!(words.next(), Some("longs" | "shorts")) && words.next() == Some(amount)
        });
        assert_eq!(rows.count(), 2, "{amount} in {text}");
    }
    assert!(text.contains("Try next:"));
    for name in ["map.png", "map.svg", "heatmap.png", "heatmap.svg"] {
        let path = context.path("liqlens-demo").join(name);
        assert!(std::fs::metadata(path).unwrap().len() > 1_000, "{name}");
    }
    assert_eq!(std::fs::read_dir(context.path("liqlens-demo")).unwrap().count(), 4);
}

#[test]
fn pictures_go_where_they_are_asked_to() {
    let context = TestContext::new();
    context.words("demo --out a/b").ok();
    assert!(context.path("a/b/map.svg").exists());
    std::fs::write(context.path("file"), "").unwrap();
    assert_eq!(context.words("demo --out file").code, 7);
}
