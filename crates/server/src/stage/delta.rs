//! What changed between two documents, as an RFC 6902 patch.

use serde_json::Value;

/// Each operation takes this much or more; what cannot be short enough is not written.
const SHORTEST: usize = r#"{"op":"remove","path":""}"#.len();

/// A patch that makes `after` of `before`, if it is shorter than `most` bytes.
///
/// Lists are compared place by place: a list that grew at its front is told anew, and then the whole document is
/// usually shorter.
pub(super) fn delta(before: &Value, after: &Value, most: usize) -> Option<String> {
    let patch = json_patch::diff(before, after);
    if patch.0.len().saturating_mul(SHORTEST) >= most {
        return None;
    }
    serde_json::to_string(&patch).ok().filter(|text| text.len() < most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Documents of any shape, keys with the characters that pointers escape among them.
    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            (-1e6..1e6_f64).prop_map(Value::from),
            "[a-z0-9.\"é]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[ab~/]{0,3}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// Applies a patch with the operations' own text, as a reader in another language would.
    fn applied(before: &Value, patch: &str) -> Value {
        let mut document = before.clone();
        let patch: json_patch::Patch = serde_json::from_str(patch).unwrap();
        json_patch::patch(&mut document, &patch).unwrap();
        document
    }

    proptest! {
        #[test]
        fn the_patch_makes_the_second_of_the_first(before in document(), after in document()) {
            let patch = delta(&before, &after, usize::MAX).unwrap();
            prop_assert_eq!(applied(&before, &patch), after);
        }
    }

    #[test]
    fn only_what_changed_is_told() {
        let before = json!({ "as_of": "12:00", "price": "70000.0", "at": [{ "usd": "1" }, { "usd": "2" }] });
        let after = json!({ "as_of": "12:01", "price": "70000.0", "at": [{ "usd": "1" }, { "usd": "3" }] });
        assert_eq!(
            serde_json::from_str::<Value>(&delta(&before, &after, 1_000).unwrap()).unwrap(),
            json!([
                { "op": "replace", "path": "/as_of", "value": "12:01" },
                { "op": "replace", "path": "/at/1/usd", "value": "3" },
            ])
        );
        assert_eq!(delta(&after, &after, 1_000).as_deref(), Some("[]"));
    }

    #[test]
    fn a_patch_as_long_as_the_document_is_none() {
        let (before, after) = (json!([1, 2, 3, 4]), json!([5, 6, 7, 8]));
        assert_eq!(delta(&before, &after, after.to_string().len()), None);
        let text = delta(&before, &after, 10_000).unwrap();
        assert_eq!(delta(&before, &after, text.len()), None);
        assert!(delta(&before, &after, text.len() + 1).is_some());
    }
}
