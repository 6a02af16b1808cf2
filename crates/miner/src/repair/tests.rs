use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn each_fault_is_forgiven_and_named() {
    use Repair::*;
    for (reply, value, repairs) in [
        ("{\"a\":1}\0", json!({"a": 1}), vec![]),
        ("{\"a\":1}\0{", json!({"a": 1}), vec![]),
        ("{\"a\":1,}", json!({"a": 1}), vec![ExtraComma]),
        ("{,\"a\":1}", json!({"a": 1}), vec![ExtraComma]),
        (
            "{\"a\":[,{\"b\":1}]}",
            json!({"a": [{"b": 1}]}),
            vec![ExtraComma],
        ),
        ("{\"a\":[1,,2]}", json!({"a": [1, 2]}), vec![ExtraComma]),
        (
            "{\"a\":\"20210322.22\n.REL\"}",
            json!({"a": "20210322.22\n.REL"}),
            vec![RawControl],
        ),
        (
            "{\"STATS\":[{\"a\":1}{\"b\":2}]}",
            json!({"STATS": [{"a": 1}, {"b": 2}]}),
            vec![MissingComma],
        ),
        (
            "{\"acs\":\" ooo\"\"temp0\":61}",
            json!({"acs": " ooo", "temp0": 61}),
            vec![MissingComma],
        ),
        (
            "{\"a\":\"\"temp0\":61}",
            json!({"a": "", "temp0": 61}),
            vec![MissingComma, StrayQuote],
        ),
        ("{\"\"temp0\":61}", json!({"temp0": 61}), vec![StrayQuote]),
        (
            "{\"a\":inf,\"b\":-nan,\"c\":1}",
            json!({"a": null, "b": null, "c": 1}),
            vec![NotANumber],
        ),
        (",\"id\":1}", json!({"id": 1}), vec![ExtraComma, NoBrace]),
        (",{\"id\":1}", json!({"id": 1}), vec![ExtraComma]),
        (
            "{\"error_code\":[\"530\":\"2024-01-01 10:11:12\",\"531\":\"x\"]}",
            json!({"error_code": [{"530": "2024-01-01 10:11:12"}, {"531": "x"}]}),
            vec![PairsInArray],
        ),
        (
            "{\"a\":[{\"b\":7,\"GHS av\":1118",
            json!({"a": [{"b": 7}]}),
            vec![CutOff],
        ),
        ("{\"a\":1,\"b\":\"hal", json!({"a": 1}), vec![CutOff]),
        ("{\"a\":1,\"b\"", json!({"a": 1}), vec![CutOff]),
        ("{\"a\":1,\"b\\", json!({"a": 1}), vec![CutOff]),
        ("{\"a\":1,\"b\":\"\\u00", json!({"a": 1}), vec![CutOff]),
        ("{\"a\":1,\"b\":tr", json!({"a": 1}), vec![CutOff]),
        ("{\"a\":1,", json!({"a": 1}), vec![CutOff]),
        (
            "{\"a\":007,\"b\":\"\\u00e9\\x\",}",
            json!({"a": 7, "b": "éx"}),
            vec![ExtraComma],
        ),
    ] {
        let (read, forgiven) = parse(reply.as_bytes()).unwrap_or_else(|e| panic!("{reply}: {e}"));
        assert_eq!(read, value, "{reply}");
        assert_eq!(Vec::from_iter(forgiven), repairs, "{reply}");
    }
    let (read, forgiven) = parse(b"{\"a\":\"\xff\",\"b\":1}").unwrap();
    assert_eq!(read["b"], 1);
    assert_eq!(Vec::from_iter(forgiven), [NotUtf8]);
}

#[test]
fn what_is_no_reply_is_refused() {
    for (reply, error) in [
        ("", RepairError::Empty),
        (" \n\0{}", RepairError::Empty),
        ("HTTP/1.1 400 Bad Request", RepairError::NotJson(0)),
        ("{\"a\":1}}", RepairError::NotJson(7)),
        ("{\"a\" 1}", RepairError::NotJson(5)),
        ("{\"a\":1.2.3}", RepairError::NotJson(5)),
        ("{\"a\":[1}", RepairError::NotJson(7)),
        ("{\"a\":1e999}", RepairError::NotJson(5)),
    ] {
        assert_eq!(parse(reply.as_bytes()), Err(error), "{reply}");
    }
    let deep = "[".repeat(5000);
    assert_eq!(parse(deep.as_bytes()), Err(RepairError::TooDeep));
    let long = vec![b'['; MAX_REPLY + 1];
    assert_eq!(parse(&long), Err(RepairError::TooLong));
}

proptest! {
    #[test]
    fn nothing_panics(reply in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&reply);
    }

    #[test]
    fn broken_json_does_not_panic(reply in "[\\[\\]{}\",:\\\\a1u-]{0,60}") {
        let _ = parse(reply.as_bytes());
    }

    /// A reply that is cut anywhere gives fewer fields, never other ones.
    #[test]
    fn a_cut_changes_no_figure(cut in 0usize..80) {
        let whole = r#"{"a":1234,"b":"text","c":[{"d":5.25,"e":true},{"f":-17}],"g":8}"#;
        let all = parse(whole.as_bytes()).unwrap().0;
        if let Ok((part, _)) = parse(&whole.as_bytes()[..cut.min(whole.len())]) {
            for (key, value) in part.as_object().unwrap() {
                match value {
                    Value::Array(items) => for (at, item) in items.iter().enumerate() {
                        for (key, value) in item.as_object().unwrap() {
                            prop_assert_eq!(value, &all["c"][at][key]);
                        }
                    },
                    value => prop_assert_eq!(value, &all[key]),
                }
            }
        }
    }
}
