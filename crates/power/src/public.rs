//! The parts of a meter's specification that messages and records may show.
//!
//! People put credentials everywhere: before the `@` of an address, in its path, query
//! or fragment, under arbitrary names. So the code does not search for secrets; it
//! shows the parts that are known to be public, and replaces the rest by `***`.

use crate::spec::{COMMON_OPTIONS, MeterSpec};

/// Stands for a hidden part.
const HIDDEN: &str = "***";

/// Options that select among a meter's figures, or set the interval of its readings.
/// None is sent as a credential.
const PUBLIC_OPTIONS: &[&str] = &[
    "channel", "cipher", "inlet", "insecure", "level", "measure", "metric", "module", "offset",
    "oid", "outlet", "pdu", "pointer", "preset", "scale", "time", "timeout", "unit", "var",
    "watts",
];

/// The public form of `spec`, a meter as `--meter` takes it: kind, part, host and port,
/// and the options that are not secret. Every other value is `***`.
pub fn public_text(spec: &str) -> String {
    match spec.parse::<MeterSpec>() {
        Ok(spec) if known_kind(&spec.kind) => spec.public(),
        _ => public_head(spec),
    }
}

/// The first word of a text that is not a specification.
pub(crate) fn public_head(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_punctuation()) {
        return text.to_owned();
    }
    let head = text.split([':', '=', ',']).next().unwrap_or_default();
    match (is_word(head), head.len() == text.len()) {
        (true, true) => head.to_owned(),
        (true, false) => format!("{head}{HIDDEN}"),
        (false, _) => HIDDEN.to_owned(),
    }
}

/// As [`public_text`], cut to 120 characters for a message.
pub(crate) fn short(spec: &str) -> String {
    let text = public_text(spec);
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

impl MeterSpec {
    /// The form of it that records may keep; see [`public_text`].
    pub fn public(&self) -> String {
        let mut text = self.public_place();
        for (key, value) in &self.options {
            let value = if is_public(key) { value } else { HIDDEN };
            text.push_str(&format!(",{key}={value}"));
        }
        text
    }

    /// True if it holds what [`Self::public`] hides, and not only what a file of settings may
    /// have: where a credential is kept, the name of a user, the path of an address.
    pub fn holds_secret(&self) -> bool {
        let mut options = self.options.iter();
        if options.any(|(key, value)| !is_public(key) && !is_reference(key, value)) {
            return true;
        }
        let mut place = self.clone();
        place.target = self.target.as_deref().map(|of| without_path(of).to_owned());
        let whole = [
            Some(place.kind.clone()),
            place.part.as_ref().map(|part| format!(":{part}")),
            place.target.as_ref().map(|target| format!("={target}")),
        ];
        place.public_place() != whole.into_iter().flatten().collect::<String>()
    }

    /// Kind, part, and the host and port of the target.
    pub(crate) fn public_place(&self) -> String {
        let mut text = self.kind.clone();
        if let Some(part) = &self.part {
            text.push(':');
            let plain = part.split(':').all(is_word);
            text.push_str(if plain { part } else { HIDDEN });
        }
        if let Some(target) = &self.target {
            text.push('=');
            text.push_str(&match self.kind.as_str() {
                // A file, which is not an address.
                "csv" => target.clone(),
                "nut" => public_ups(target),
                _ => public_address(target),
            });
        }
        text
    }
}

/// True if the value of an option is no secret.
fn is_public(key: &str) -> bool {
    COMMON_OPTIONS
        .iter()
        .chain(PUBLIC_OPTIONS)
        .any(|k| *k == key)
}

/// True if an option only says who reads a meter, or where the credential is kept.
fn is_reference(key: &str, value: &str) -> bool {
    let kept = ["env:", "file:"].iter().any(|kind| value.starts_with(kind));
    key == "user" || key == "auth" && kept
}

/// An address without its path. One with credentials or a query stays whole.
fn without_path(target: &str) -> &str {
    let host = target.find("://").map_or(0, |at| at + 3);
    match target[host..].find('/') {
        Some(at) if !target[host + at..].contains(['?', '#', '@']) => &target[..host + at],
        _ => target,
    }
}

/// True if `--meter` takes this kind.
fn known_kind(kind: &str) -> bool {
    kind == "csv" || crate::known_meters().iter().any(|known| known.name == kind)
}

/// `UPS@HOST:PORT`, in which `UPS` is the name of a device.
fn public_ups(target: &str) -> String {
    match target.split_once('@') {
        Some((ups, host)) if is_word(ups) => format!("{ups}@{}", public_address(host)),
        None if is_word(target) => target.to_owned(),
        _ => HIDDEN.to_owned(),
    }
}

/// Scheme, host and port of an address, without path, query and credentials.
fn public_address(target: &str) -> String {
    let (scheme, rest) = match target.split_once("://") {
        Some((scheme, rest)) if ["http", "https"].contains(&scheme) => (scheme, rest),
        Some(_) => return HIDDEN.to_owned(),
        None => ("", target),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, more) = rest.split_at(end);
    // A password may contain any of these marks, so the apparent host may be part of a
    // password.
    let host = authority.rsplit('@').next().unwrap_or_default();
    if more.contains('@') || !is_host(host) {
        return HIDDEN.to_owned();
    }
    match scheme {
        "" => host.to_owned(),
        scheme => format!("{scheme}://{host}"),
    }
}

fn is_host(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "-._:%[]".contains(c);
    // More than one colon without brackets is an IPv6 address without a port.
    let port = match (text.rsplit_once(']'), text.matches(':').count()) {
        (Some((_, after)), _) => after.strip_prefix(':'),
        (None, 1) => text.split_once(':').map(|(_, port)| port),
        _ => None,
    };
    !text.is_empty()
        && text.chars().all(known)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// True if a text has the form of the names of kinds, parts and devices.
fn is_word(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kind_host_and_port_are_all_that_is_kept_of_an_address() {
        for (text, shown) in [
            (
                "json=http://a:b@h:80/x?key=k#f,unit=W",
                "json=http://h:80,unit=W",
            ),
            ("shelly=admin:pw@plug", "shelly=plug"),
            ("json=http://tok@h/", "json=http://h"),
            ("json=h/secret/path,pointer=/a/b", "json=h,pointer=/a/b"),
            ("json=http://a:p/q@h/,unit=W", "json=***,unit=W"),
            ("json=ftp://x", "json=***"),
            ("redfish=[::1]:443/redfish/v1?sid=s", "redfish=[::1]:443"),
            ("shelly=h,auth=a:b,name=x", "shelly=h,auth=***,name=x"),
            (
                "ipmi=h:623,user=root,auth=env:A",
                "ipmi=h:623,auth=***,user=***",
            ),
            ("json=h/?a=b,jwt=eyJ.x", "json=h,jwt=***"),
            ("nut=ups@localhost:3493", "nut=ups@localhost:3493"),
            ("nut=a:b@h", "nut=***"),
            ("rapl:psys", "rapl:psys"),
            ("nvml:0:energy", "nvml:0:energy"),
            ("csv=logs/plug.csv,offset=3", "csv=logs/plug.csv,offset=3"),
            ("admin:hunter2@plug", "admin***"),
            ("http://hunter2@plug/", "http***"),
            ("hunter2@plug", "***"),
            ("json=", "json***"),
            ("moon", "moon"),
        ] {
            assert_eq!(public_text(text), shown, "{text}");
        }
    }

    #[test]
    fn a_file_of_settings_says_where_a_secret_is_and_has_none() {
        let holds = |text: &str| text.parse::<MeterSpec>().unwrap().holds_secret();
        for text in [
            "rapl:psys",
            "nut=ups@localhost:3493",
            "prometheus=http://h:9100/metrics,metric=node{chip=\"a,b\"}",
            "json=h/status,pointer=/a,auth=file:/etc/key",
            "ipmi=h:623,user=root,auth=env:A",
        ] {
            assert!(!holds(text), "{text}");
        }
        for text in [
            "shelly=admin:pw@plug",
            "json=http://tok@h/",
            "json=http://a:p/q@h/,unit=W",
            "json=h/x?key=k",
            "json=h/x#k",
            "json=ftp://x",
            "nut=a:b@h",
            "shelly=h,auth=a:b",
            "json=h/x,jwt=eyJ.x",
            "rapl:a@b",
        ] {
            assert!(holds(text), "{text}");
        }
    }

    #[test]
    fn errors_show_no_secrets() {
        let spec: MeterSpec = "json=http://a:hunter2@h/hunter2?k=hunter2#hunter2,x=hunter2"
            .parse()
            .unwrap();
        let error = spec.error("wrong").to_string();
        assert_eq!(error, "--meter json=http://h,x=***: wrong");
        assert_eq!(spec.id(), "json=http://h");
    }

    proptest! {
        #[test]
        fn a_secret_beside_the_host_is_never_shown(
            place in 0..6usize,
            secret in "[a-z]{3}/?[A-Z0-9]{9}",
        ) {
            let text = [
                format!("json=http://u:{secret}@h/x"),
                format!("json=http://h/{secret}/x"),
                format!("json=h?auth_key={secret}&a=b"),
                format!("json=h/x#{secret}"),
                format!("shelly={secret}@h"),
                format!("shelly=h,sid={secret}"),
            ];
            prop_assert!(!public_text(&text[place]).contains(&secret[4..]));
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,60}|(json|nut|csv)=[a-z:@/?#\\[\\],=]{0,20}") {
            prop_assert!(text.is_empty() || !public_text(&text).is_empty());
        }
    }
}
