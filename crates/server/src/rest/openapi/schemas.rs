//! The documents' schemas under one roof.

use serde_json::{Map, Value, json};

/// The schemas used so far.
pub(super) struct Schemas {
    documents: Vec<(&'static str, schemars::Schema)>,
    used: Map<String, Value>,
}

/// A reference to the schema of a document by its name, `map/1`.
pub(super) fn named(document: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", component(document))})
}

/// `map/1` is the component `map.1`.
fn component(document: &str) -> String {
    document.replace('/', ".")
}

impl Schemas {
    pub(super) fn new() -> Self {
        let mut schemas = Self { documents: liqlens_query::document::schemas(), used: Map::new() };
        schemas.document("health/1");
        schemas
    }

    /// A reference to a document's schema, which is taken in with all its parts.
    pub(super) fn document(&mut self, name: &str) -> Value {
        if !self.used.contains_key(&component(name))
            && let Some((_, schema)) = self.documents.iter().find(|(known, _)| *known == name)
        {
            let schema = schema.clone();
            self.take_in(&component(name), schema.to_value());
        }
        named(name)
    }

    /// A reference to the schema of a problem.
    pub(super) fn problem(&mut self) -> Value {
        if !self.used.contains_key("problem") {
            self.used.insert("problem".to_owned(), problem());
        }
        json!({"$ref": "#/components/schemas/problem"})
    }

    /// All of them, by name.
    pub(super) fn finish(self) -> Value {
        let mut sorted: Vec<(String, Value)> = self.used.into_iter().collect();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        Value::Object(sorted.into_iter().collect())
    }

    /// Takes in a schema under a name. Parts of the same name in two documents are the same type, or get the document's
    /// name before their own.
    fn take_in(&mut self, name: &str, mut schema: Value) {
        let parts = match schema.as_object_mut() {
            Some(schema) => {
                schema.remove("$schema");
                schema.remove("$defs")
            }
            None => None,
        };
        let parts = match parts {
            Some(Value::Object(parts)) => parts,
            _ => Map::new(),
        };
        let plain = |part: &str| part.to_owned();
        let own = |part: &str| format!("{name}.{part}");
        let taken = |part: &String, value: &Value| {
            let mut value = value.clone();
            refer(&mut value, &plain);
            self.used.get(part).is_some_and(|known| *known != value)
        };
        let clashes: Vec<String> =
            parts.iter().filter(|(part, value)| taken(part, value)).map(|(part, _)| part.clone()).collect();
        let renamed =
            |part: &str| if clashes.iter().any(|clash| clash == part) { own(part) } else { plain(part) };
        for (part, mut value) in parts {
            refer(&mut value, &renamed);
            self.used.insert(renamed(&part), value);
        }
        refer(&mut schema, &renamed);
        self.used.insert(name.to_owned(), schema);
    }
}

/// Lets references to parts of a schema lead to the components instead.
fn refer(value: &mut Value, name: &impl Fn(&str) -> String) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref")
                && let Some(part) = reference.strip_prefix("#/$defs/")
            {
                *reference = format!("#/components/schemas/{}", name(part));
            }
            map.values_mut().for_each(|value| refer(value, name));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| refer(value, name)),
        _ => {}
    }
}

fn problem() -> Value {
    let text = |meaning: &str| json!({"type": "string", "description": meaning});
    let count = |meaning: &str| json!({"type": "integer", "description": meaning});
    json!({
        "type": "object",
        "description": "Why a request was not answered (RFC 9457).",
        "properties": {
            "type": {"const": "about:blank"},
            "title": text("What happened, one sentence."),
            "status": count("The status."),
            "code": text("Stable name of the problem."),
            "detail": text("Why."),
            "hint": text("What to do."),
            "trace_id": text("Names the request in the log."),
            "limit": count("Most that is answered, where that is the problem."),
            "wanted": count("How much it would have been."),
            "example": text("A smaller question that is answered."),
        },
        "required": ["type", "title", "status", "code", "detail", "hint", "trace_id"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemas() -> Schemas {
        Schemas { documents: Vec::new(), used: Map::new() }
    }

    #[test]
    fn parts_of_the_same_name_are_told_apart_if_they_differ() {
        let mut schemas = schemas();
        let document = |part: &str| {
            json!({"properties": {"a": {"$ref": "#/$defs/Part"}}, "$schema": "x",
                   "$defs": {"Part": {"type": part}, "Other": {"$ref": "#/$defs/Part"}}})
        };
        schemas.take_in("one.1", document("string"));
        schemas.take_in("two.1", document("string"));
        schemas.take_in("three.1", document("integer"));
        let used = schemas.finish();
        assert_eq!(used["two.1"], json!({"properties": {"a": {"$ref": "#/components/schemas/Part"}}}));
        assert_eq!(
            used["three.1"],
            json!({"properties": {"a": {"$ref": "#/components/schemas/three.1.Part"}}})
        );
        assert_eq!(used["Part"], json!({"type": "string"}));
        assert_eq!(used["three.1.Part"], json!({"type": "integer"}));
    }
}
