//! The value in an SNMP v2c response.
//!
//! The crate `snmp2` decodes the message itself; this module interprets its value. A
//! PDU reports a number that it cannot measure as -1, and an object that it does not
//! have as `noSuchObject` or `noSuchInstance`, which are values, not errors, in v2c
//! (RFC 3416).

use snmp2::{MessageType, Oid, Pdu, Value};

/// A number and the type that the agent gave it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Number {
    /// The number; it is finite.
    pub value: f64,
    /// The agent's type for it.
    pub kind: NumberKind,
}

/// The types that hold a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NumberKind {
    /// `Integer32`.
    Integer,
    /// `Gauge32` or `Unsigned32`.
    Unsigned32,
    /// `Counter32`, which wraps.
    Counter32,
    /// `Counter64`.
    Counter64,
    /// An octet string that holds a plain decimal number.
    Text,
}

/// The reason that a response has no usable number.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SnmpError {
    #[error("it is not an SNMP response: {0}")]
    NoResponse(String),
    #[error("the agent answers {}", status_name(*.0))]
    Status(u32),
    #[error("the response is about {0}, which was not asked")]
    OtherObject(String),
    #[error("NoSuchObject: the agent does not have this object; is this the right kind of PDU?")]
    NoSuchObject,
    #[error("NoSuchInstance: the agent has no such index; check the outlet, inlet or module")]
    NoSuchInstance,
    #[error("-1, which is how a PDU says that it cannot measure this")]
    Unsupported,
    #[error("the value is not a number but {0}")]
    WrongType(String),
}

/// Names of the error statuses in RFC 3416, section 3.
fn status_name(status: u32) -> String {
    let name = match status {
        1 => "tooBig",
        2 => "noSuchName",
        5 => "genErr",
        6 => "noAccess",
        13 => "resourceUnavailable",
        16 => "authorizationError",
        _ => return format!("error status {status}"),
    };
    format!("{name} (error status {status})")
}

/// Parses an object identifier in dotted form, `1.3.6.1.4.1.318`; `None` if it is invalid.
pub fn oid(text: &str) -> Option<Oid<'static>> {
    let text = text.strip_prefix('.').unwrap_or(text);
    let arcs: Vec<u64> = text
        .split('.')
        .map(|arc| arc.parse::<u32>().ok().map(u64::from))
        .collect::<Option<_>>()?;
    match arcs.as_slice() {
        [0 | 1, 0..=39, _, ..] | [2, 0..=47, _, ..] if arcs.len() <= 128 => Oid::from(&arcs).ok(),
        _ => None,
    }
}

/// The number in the bytes of a response to a request for `asked`.
///
/// # Errors
/// [`SnmpError`] unless the response holds one number for that object.
pub fn message(bytes: &[u8], asked: &Oid<'_>) -> Result<Number, SnmpError> {
    let pdu = Pdu::from_bytes(bytes).map_err(|e| SnmpError::NoResponse(e.to_string()))?;
    number(&pdu, asked)
}

/// The number in a response to a request for `asked`.
///
/// # Errors
/// As [`message`].
pub(crate) fn number(pdu: &Pdu<'_>, asked: &Oid<'_>) -> Result<Number, SnmpError> {
    if pdu.message_type != MessageType::Response {
        return Err(SnmpError::NoResponse(format!("{:?}", pdu.message_type)));
    }
    if pdu.error_status != 0 {
        return Err(SnmpError::Status(pdu.error_status));
    }
    let Some((name, value)) = pdu.varbinds.clone().next() else {
        return Err(SnmpError::OtherObject("nothing".into()));
    };
    if name != *asked {
        let name: String = name.to_id_string().chars().take(64).collect();
        return Err(SnmpError::OtherObject(name));
    }
    let wrong = |name: &str| Err(SnmpError::WrongType(name.to_owned()));
    let (value, kind) = match value {
        Value::Integer(-1) => return Err(SnmpError::Unsupported),
        Value::Integer(value) => (value as f64, NumberKind::Integer),
        Value::Unsigned32(value) => (f64::from(value), NumberKind::Unsigned32),
        Value::Counter32(value) => (f64::from(value), NumberKind::Counter32),
        Value::Counter64(value) => (value as f64, NumberKind::Counter64),
        Value::OctetString(bytes) => match text_number(bytes) {
            Some(-1.0) => return Err(SnmpError::Unsupported),
            Some(value) => (value, NumberKind::Text),
            None => {
                let text: String = String::from_utf8_lossy(bytes).chars().take(32).collect();
                return wrong(&format!("OCTET STRING {text:?}"));
            }
        },
        Value::NoSuchObject => return Err(SnmpError::NoSuchObject),
        Value::NoSuchInstance | Value::EndOfMibView => return Err(SnmpError::NoSuchInstance),
        Value::Null => return wrong("NULL"),
        Value::Boolean(_) => return wrong("BOOLEAN"),
        Value::ObjectIdentifier(_) => return wrong("OBJECT IDENTIFIER"),
        Value::IpAddress(_) => return wrong("IpAddress"),
        Value::Timeticks(_) => return wrong("TimeTicks"),
        Value::Opaque(_) => return wrong("Opaque"),
        _ => return wrong("a structure"),
    };
    Ok(Number { value, kind })
}

/// A plain decimal number; agents that run a script have no other way to return a fraction.
fn text_number(bytes: &[u8]) -> Option<f64> {
    super::nut::number(std::str::from_utf8(bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A response in BER, built by hand: version 1, community `c`, request 7.
    fn response(status: u8, object: &[u8], value: &[u8]) -> Vec<u8> {
        let wrap = |tag: u8, parts: &[&[u8]]| {
            let body = parts.concat();
            [&[tag, body.len() as u8][..], &body].concat()
        };
        let varbind = wrap(0x30, &[&wrap(6, &[object]), value]);
        let list = wrap(0x30, &[&varbind]);
        let pdu = wrap(0xa2, &[&[2, 1, 7, 2, 1, status, 2, 1, 0], &list]);
        wrap(0x30, &[&[2, 1, 1, 4, 1, b'c'], &pdu])
    }

    fn read(status: u8, value: &[u8]) -> Result<Number, SnmpError> {
        let asked = oid("1.3.6.1").unwrap();
        message(&response(status, &[0x2b, 6, 1], value), &asked)
    }

    #[test]
    fn every_type_by_its_name() {
        let number = |value, kind| Ok(Number { value, kind });
        assert_eq!(read(0, &[2, 1, 25]), number(25.0, NumberKind::Integer));
        assert_eq!(read(0, &[0x41, 1, 9]), number(9.0, NumberKind::Counter32));
        assert_eq!(read(0, &[0x42, 1, 9]), number(9.0, NumberKind::Unsigned32));
        assert_eq!(read(0, &[0x46, 1, 9]), number(9.0, NumberKind::Counter64));
        assert_eq!(read(0, b"\x04\x0412.5"), number(12.5, NumberKind::Text));
        assert_eq!(read(0, &[2, 1, 0xff]), Err(SnmpError::Unsupported));
        assert_eq!(read(0, b"\x04\x02-1"), Err(SnmpError::Unsupported));
        assert_eq!(read(0, &[0x80, 0]), Err(SnmpError::NoSuchObject));
        assert_eq!(read(0, &[0x81, 0]), Err(SnmpError::NoSuchInstance));
        assert_eq!(read(5, &[5, 0]), Err(SnmpError::Status(5)));
        for (value, name) in [
            (&[5, 0][..], "NULL"),
            (b"\x04\x03abc", "abc"),
            (&[0x43, 1, 1], "TimeTicks"),
            (&[0x44, 1, 1], "Opaque"),
            (&[0x40, 4, 1, 2, 3, 4], "IpAddress"),
            (&[0x30, 0], "structure"),
        ] {
            let error = read(0, value).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
        let other = message(
            &response(0, &[0x2b, 7], &[2, 1, 1]),
            &oid("1.3.6.1").unwrap(),
        );
        assert!(matches!(other, Err(SnmpError::OtherObject(name)) if name == "1.3.7"));
    }

    #[test]
    fn identifiers_as_people_write_them() {
        assert_eq!(oid(".1.3.6.1"), oid("1.3.6.1"));
        assert_eq!(oid("1.3.6.1").unwrap().to_id_string(), "1.3.6.1");
        #[rustfmt::skip]
        let cases = [
            "", "1", "1.3", "1.40.1", "3.1.1", "1.3.", "1.3.x", "1.3.4294967296",
        ];
        for text in cases {
            assert!(oid(text).is_none(), "{text}");
        }
        assert!(oid(&["1.3", &".1".repeat(127)].concat()).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_number_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(number) = message(&bytes, &oid("1.3.6.1").unwrap()) {
                prop_assert!(number.value.is_finite());
            }
            if let Ok(number) = read(0, &bytes) {
                prop_assert!(number.value.is_finite());
            }
        }
    }
}
