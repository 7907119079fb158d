//! `/v1/ws` over real sockets.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use futures_util::SinkExt as _;

use crate::client::{Client, Running};

/// A replay's clock is paused at a moment where nothing jumps and nothing is due.
const PAUSED: &str = r#"{"op":"replay","from":"2026-03-18T12:00:00Z","speed":100,"playing":false}"#;

#[tokio::test]
async fn a_subscription_begins_with_the_document_of_a_request() {
    let server = Running::start(None).await;
    let mut client = server.connect().await;
    client.say(r#"{"op":"subscribe","id":1,"channel":"map","symbol":"btc","params":{"within":"5%"}}"#).await;
    let subscribed = client.until("subscribed").await;
    assert_eq!((&subscribed["id"], &subscribed["topic"]), (&json!(1), &json!("map:BTC?within=5%25")));
    let (text, snapshot) = client.until_text("snapshot").await;
    assert_eq!(snapshot["topic"], subscribed["topic"]);
    assert_eq!((&snapshot["epoch"], &snapshot["seq"]), (&subscribed["epoch"], &json!(1)));
    let document = server.get("/v1/map/BTC?within=5%25").await;
    // To the byte: the document stands in the message as it is.
    assert!(text.ends_with(&format!("\"data\":{}}}", document.trim_end())), "{text}\n{document}");
    client.say(r#"{"op":"unsubscribe","id":1}"#).await;
    let ended = client.until("unsubscribed").await;
    assert_eq!(ended["id"], 1);
    client.say(r#"{"op":"ping","t":7}"#).await;
    assert_eq!(client.next().await, json!({ "op": "pong", "t": 7 }));
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_understood_is_answered_and_in_the_end_closed() {
    let server = Running::start(None).await;
    let mut client = server.connect().await;
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    // Understood, and refused: these do not count.
    for (said, code) in [
        (r#"{"op":"subscribe","id":1,"channel":"depth","symbol":"BTC"}"#, "channel-unknown"),
        (r#"{"op":"subscribe","id":1,"channel":"map"}"#, "symbol-missing"),
        (r#"{"op":"subscribe","id":1,"channel":"map","symbol":"DOGE"}"#, "symbol-unknown"),
        (r#"{"op":"subscribe","id":1,"channel":"map","symbol":"<script>"}"#, "symbol-not-understood"),
        (r#"{"op":"subscribe","id":1,"channel":"map","symbol":"../../etc"}"#, "symbol-not-understood"),
        (
            r#"{"op":"subscribe","id":1,"channel":"map","symbol":"BTC","params":{"bin":"0bp"}}"#,
            "bin-not-understood",
        ),
        (
            r#"{"op":"subscribe","id":1,"channel":"map","symbol":"BTC","params":{"as_of":"2026-03-18"}}"#,
            "parameter-of-requests",
        ),
        (r#"{"op":"unsubscribe","id":9}"#, "id-unknown"),
        (r#"{"op":"replay","from":"2020-01-01T00:00:00Z"}"#, "replay-outside-data"),
        (r#"{"op":"replay","from":"2026-03-18T00:00:00Z","speed":1e9}"#, "speed-out-of-range"),
        (
            r#"{"op":"replay","from":"2026-03-18T00:00:00Z","seek":"2026-03-18T00:00:00Z"}"#,
            "replay-contradiction",
        ),
        (r#"{"op":"replay","seek":"2026-03-18T00:00:00Z"}"#, "no-replay"),
        (r#"{"op":"replay","from":"yesterday"}"#, "time-not-understood"),
    ] {
        client.say(said).await;
        let error = client.until("error").await;
        assert_eq!(error["problem"]["code"], code, "{said}: {error}");
        assert!(error["problem"]["status"].is_u64() && error["problem"]["hint"].is_string(), "{error}");
    }
    // Not understood at all: answered, and the fifth time closed.
    for (count, said) in ["", "{", r#"{"op":"dance"}"#, &deep, "null"].into_iter().enumerate() {
        client.say(said).await;
        let error = client.until("error").await;
        assert_eq!(error["problem"]["code"], "message-not-understood", "{count}");
    }
    assert_eq!(client.until_closed().await, Some(1_008));

    let mut client = server.connect().await;
    for _ in 0..5 {
        client.socket.send(Message::binary(vec![0, 255])).await.unwrap();
        assert_eq!(client.until("error").await["problem"]["code"], "message-not-text");
    }
    assert_eq!(client.until_closed().await, Some(1_003));

    let mut client = server.connect().await;
    client.say(&format!(r#"{{"op":"ping","t":{}}}"#, "1".repeat(70_000))).await;
    assert_eq!(client.until_closed().await, Some(1_009));
    server.stop().await;
}

#[tokio::test]
async fn there_are_only_so_many_subscriptions_and_messages() {
    let server = Running::start(None).await;
    let mut client = server.connect().await;
    for id in 0..100 {
        client.say(&format!(r#"{{"op":"subscribe","id":{id},"channel":"health"}}"#)).await;
        client.until("subscribed").await;
    }
    client.say(r#"{"op":"subscribe","id":100,"channel":"health"}"#).await;
    let error = client.until("error").await;
    assert_eq!((&error["id"], &error["problem"]["limit"]), (&json!(100), &json!(100)));
    client.say(r#"{"op":"subscribe","id":7,"channel":"health"}"#).await;
    assert_eq!(client.until("error").await["problem"]["code"], "id-in-use");
    client.say(r#"{"op":"unsubscribe","id":7}"#).await;
    client.until("unsubscribed").await;
    client.say(r#"{"op":"subscribe","id":7,"channel":"health"}"#).await;
    client.until("subscribed").await;
    // Faster than anybody can mean it.
    for _ in 0..400 {
        if client.socket.feed(Message::text(r#"{"op":"ping"}"#)).await.is_err() {
            break;
        }
    }
    let _ = client.socket.flush().await;
    assert_eq!(client.until_closed().await, Some(1_008));
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_comes_back_goes_on_where_it_was() {
    // At the speed of time most documents only say that they are older: that is a short delta.
    let server = Running::start(Some(("2026-03-18T12:00:05Z", 1.0))).await;
    let say = json!({ "op": "subscribe", "id": 1, "channel": "at", "symbol": "BTC" });
    let (mut client, mut other) = (server.connect().await, server.connect().await);
    // The other one keeps the topic up.
    other.say(&say.to_string()).await;
    client.say(&say.to_string()).await;
    let epoch = client.until("subscribed").await["epoch"].clone();
    let mut document = client.until("snapshot").await;
    drop(client);
    let delta = other.until("delta").await;
    assert_eq!(delta["seq"].as_u64(), document["seq"].as_u64().map(|seq| seq + 1));

    let mut say = say;
    say["resume"] = json!({ "epoch": epoch, "seq": document["seq"] });
    let mut client = server.connect().await;
    client.say(&say.to_string()).await;
    assert_eq!(client.until("subscribed").await["resumed"], true);
    let missed = client.next().await;
    assert_eq!(missed, delta);
    let patch = serde_json::from_value::<json_patch::Patch>(missed["patch"].clone()).unwrap();
    json_patch::patch(&mut document["data"], &patch).unwrap();
    let as_of = document["data"]["as_of"].as_str().unwrap();
    let requested = server.get(&format!("/v1/at/BTC?as_of={as_of}")).await;
    assert_eq!(document["data"], serde_json::from_str::<Value>(&requested).unwrap());
    server.stop().await;
}

#[tokio::test]
async fn a_private_replay_is_nobody_elses() {
    let server = Running::start(None).await;
    let say = r#"{"op":"subscribe","id":1,"channel":"at","symbol":"BTC"}"#;
    let (mut own, mut other) = (server.connect().await, server.connect().await);
    for client in [&mut own, &mut other] {
        client.say(say).await;
        client.until("snapshot").await;
    }
    own.say(r#"{"op":"replay","from":"2026-03-18T12:00:00Z","speed":1000}"#).await;
    let clock = own.until("clock").await;
    assert_eq!((&clock["clock"]["mode"], &clock["clock"]["speed"]), (&json!("replay"), &json!(1_000.0)));
    let moved = own.until("subscribed").await;
    let (text, snapshot) = own.until_text("snapshot").await;
    assert_eq!(snapshot["epoch"], moved["epoch"]);
    // The very document a request as of that moment gets.
    let as_of = snapshot["data"]["as_of"].as_str().unwrap().to_owned();
    assert!(as_of.starts_with("2026-03-18T12"), "{as_of}");
    let document = server.get(&format!("/v1/at/BTC?as_of={as_of}")).await;
    assert!(text.ends_with(&format!("\"data\":{}}}", document.trim_end())), "{text}\n{document}");
    assert_eq!(own.until("snapshot").await["seq"], 2);

    // A jump is a new run of numbers.
    own.say(r#"{"op":"replay","seek":"2026-03-17T06:00:00Z"}"#).await;
    let epoch = own.until("subscribed").await["epoch"].clone();
    assert_ne!(epoch, moved["epoch"]);
    let jumped = own.until("snapshot").await;
    assert_eq!((&jumped["epoch"], &jumped["seq"]), (&epoch, &json!(1)));
    assert!(jumped["data"]["as_of"].as_str().unwrap().starts_with("2026-03-17T06"));
    // The other client hears nothing of it, and the server's clock has not moved.
    other.say(r#"{"op":"ping","t":1}"#).await;
    assert_eq!(other.next().await["op"], "pong");
    assert!(!server.app.stage.clock().playing);

    own.say(r#"{"op":"replay","end":true}"#).await;
    let back = loop {
        let snapshot = own.until("snapshot").await;
        if snapshot["data"]["as_of"].as_str().unwrap().starts_with("2026-03-20") {
            break snapshot;
        }
    };
    let document: Value = serde_json::from_str(&server.get("/v1/at/BTC").await).unwrap();
    assert_eq!(back["data"], document);
    server.stop().await;
}

#[tokio::test]
async fn there_are_only_so_many_replays_and_they_end_with_their_sockets() {
    let server = Running::start(None).await;
    let mut clients: Vec<Client> = Vec::new();
    for _ in 0..8 {
        let mut client = server.connect().await;
        client.say(PAUSED).await;
        assert_eq!(client.until("clock").await["clock"]["mode"], "replay");
        clients.push(client);
    }
    let mut late = server.connect().await;
    late.say(PAUSED).await;
    let error = late.until("error").await;
    assert_eq!(
        (&error["problem"]["code"], &error["problem"]["limit"]),
        (&json!("too-many-replays"), &json!(8))
    );
    // One that jumps takes no second place.
    clients[0].say(r#"{"op":"replay","seek":"2026-03-19T00:00:00Z"}"#).await;
    clients.pop();
    // Its place is free as soon as the server has noticed.
    loop {
        late.say(PAUSED).await;
        let answer = late.next().await;
        if answer["op"] == "clock" {
            break;
        }
        assert_eq!(answer["problem"]["code"], "too-many-replays");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let server = Running::start(None).await;
    let mut client = server.connect().await;
    client.say(r#"{"op":"ping"}"#).await;
    client.until("pong").await;
    let closed = tokio::spawn(async move { client.until_closed().await });
    server.stop().await;
    assert_eq!(closed.await.unwrap(), Some(1_001));
}

#[tokio::test]
async fn what_clients_do_is_counted() {
    let server = Running::start(None).await;
    let mut client = server.connect().await;
    client.say(r#"{"op":"subscribe","id":1,"channel":"at","symbol":"BTC"}"#).await;
    client.until("snapshot").await;
    client.say("?").await;
    client.until("error").await;
    let metrics = server.get("/metrics").await;
    for line in [
        "liqlens_live_sockets 1",
        "liqlens_live_subscriptions 1",
        "liqlens_live_malformed_total 1",
        "liqlens_stages 1",
        "liqlens_stage_topics 1",
        r#"liqlens_stage_published_total{form="document"} 1"#,
    ] {
        assert!(metrics.lines().any(|shown| shown == line), "{line}\n{metrics}");
    }
    let health: Value = serde_json::from_str(&server.get("/v1/health").await).unwrap();
    assert_eq!((&health["load"]["sockets"], &health["load"]["subscriptions"]), (&json!(1), &json!(1)));
    server.stop().await;
}
