//! `brief`.

use liqlens_query::document::Brief;

use crate::context::TestContext;

/// UX-B7, with the words' other forms. Matched as whole words, so that "short" is free and "signal" is not.
const BANNED: [&str; 22] = [
    "will",
    "going to",
    "likely to rise",
    "likely to fall",
    "likely to move",
    "expected to rise",
    "expected to fall",
    "expected to move",
    "target",
    "magnet",
    "attract",
    "attracts",
    "hunt",
    "inevitable",
    "opportunity",
    "signal",
    "bullish",
    "bearish",
    "forecast",
    "predict",
    "may favor",
    "may favour",
];
const URGES: [&str; 3] = ["should", "consider", "time to"];
const DEEDS: [&str; 4] = ["buy", "sell", "long", "short"];

fn banned_in(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let text = format!(" {} ", words.join(" "));
    let urges = URGES.iter().flat_map(|urge| DEEDS.iter().map(move |deed| format!("{urge} {deed}")));
    BANNED.iter().map(|word| (*word).to_owned()).chain(urges).find(|word| text.contains(&format!(" {word} ")))
}

#[test]
fn the_search_for_banned_words_finds_them() {
    assert_eq!(banned_in("Price will rise"), Some("will".to_owned()));
    assert_eq!(banned_in("traders should BUY."), Some("should buy".to_owned()));
    assert_eq!(banned_in("a willing seller considers long positions"), None);
}

#[test]
fn no_brief_of_the_sample_speaks_of_the_future() {
    let context = TestContext::new();
    for as_of in ["2025-12-20", "2026-01-31T07:30:00Z", "2026-03-16", "2026-03-18T20:00:00Z", "2026-03-20"] {
        let run = context.words(&format!("brief BTC --as-of {as_of} --json --allow-stale")).ok();
        let brief: Brief = serde_json::from_value(run.json()).unwrap();
        assert!(brief.headline.chars().count() <= 90, "UX-B1: {}", brief.headline);
        let sections = brief.sections.iter().filter(|section| section.id != "caveat");
        let own: Vec<&str> = [brief.headline.as_str(), brief.stamp_line.as_str()]
            .into_iter()
            .chain(brief.bullets.iter().map(String::as_str))
            .chain(sections.flat_map(|section| section.sentences.iter().map(String::as_str)))
            .collect();
        for text in own {
            assert_eq!(banned_in(text), None, "{as_of}: {text}");
        }
    }
}

/// UX-B15 and UX-B8: the same texts in every form, the caveat first in each.
#[test]
fn every_form_carries_the_same_texts() {
    let context = TestContext::new();
    let brief: Brief = serde_json::from_value(context.json("brief BTC")).unwrap();
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = squeeze(&context.text("brief BTC").replace("\n> ", " "));
    let markdown = squeeze(&context.text("brief BTC --format md").replace('\\', ""));
    let html = squeeze(
        &context
            .text("brief BTC --format html")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    );
    for form in [&text, &markdown, &html] {
        let mut texts: Vec<&str> = vec![&brief.caveat, &brief.headline, &brief.stamp_line];
        texts.extend(brief.bullets.iter().map(String::as_str));
        let mut from = 0;
        for part in texts {
            let part = squeeze(part);
            // After `from`: the fixed order holds. The page's title repeats the headline before all.
            let at = form[from..].find(&part).unwrap_or_else(|| panic!("{part} in {form}"));
            from += at;
        }
        for section in &brief.sections {
            for sentence in &section.sentences {
                assert!(form.contains(&squeeze(sentence)), "{sentence} in {form}");
            }
        }
    }
    assert!(text.starts_with("> Liquidation maps are not price predictions."));
    assert!(markdown.starts_with("> Liquidation maps are not price predictions."));
    assert!(!html.contains("<script") && html.contains("<svg"));
}

#[test]
fn the_same_question_gives_the_same_bytes() {
    let context = TestContext::new();
    for form in ["text", "md", "html", "json", "card"] {
        let line = format!("brief BTC --format {form}");
        assert_eq!(context.words(&line).ok().stdout, context.words(&line).ok().stdout, "{form}");
    }
}

#[test]
fn the_amount_asked_for_is_the_amount_compared() {
    let context = TestContext::new();
    let brief = context.json("brief BTC --amount 50M");
    assert_eq!(brief["reach"]["amount_usd"], "50000000.00");
    assert!(brief["headline"].as_str().unwrap().ends_with("for $50M"));
}

#[test]
fn pictures_are_pictures() {
    let context = TestContext::new();
    context.words("brief BTC --format card -o card.png").ok();
    context.words("brief BTC --format card -o card.svg").ok();
    context.words("brief BTC -o page.png").ok();
    let read = |name| std::fs::read(context.path(name)).unwrap();
    for (name, width) in [("card.png", 1200u32), ("page.png", 1600)] {
        assert_eq!(read(name)[16..20], width.to_be_bytes(), "{name}");
    }
    assert!(String::from_utf8(read("card.svg")).unwrap().contains("<svg"));
}

/// UX-B13: a stale brief has no headline number, says why and exits 4.
#[test]
fn a_stale_brief_is_withheld() {
    let context = TestContext::new();
    let stale = "brief BTC --as-of 2026-03-25";
    let run = context.words(stale);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.text().contains("numbers withheld") && !run.text().contains("up vs."), "{}", run.text());
    assert!(run.stderr.contains("--allow-stale"));
    let shown = context.words(&format!("{stale} --allow-stale")).ok().text();
    assert!(shown.contains("grade D"), "{shown}");
}
