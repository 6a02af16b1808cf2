//! The price and the rent of the machines of several sessions.

use std::collections::BTreeMap;

use perwatt_record::cost::Stated;

use crate::session::Session;

/// A machine's price is the one that its newest session with a price states, and that of
/// several machines is the one that all of them have; so is the rent.
pub fn stated<'a>(sessions: impl Iterator<Item = &'a Session> + Clone) -> Stated {
    Stated {
        price_usd: common(sessions.clone(), |stated| stated.price_usd),
        rent_usd_per_h: common(sessions, |stated| stated.rent_usd_per_h),
    }
}

fn common<'a>(
    sessions: impl Iterator<Item = &'a Session>,
    amount: fn(&Stated) -> Option<f64>,
) -> Option<f64> {
    let mut machines: BTreeMap<&str, Option<(&str, f64)>> = BTreeMap::new();
    for session in sessions {
        let last = machines.entry(&session.specimen).or_default();
        if let Some(usd) = amount(&session.stated)
            && last.is_none_or(|(utc, _)| utc <= session.started_utc.as_str())
        {
            *last = Some((&session.started_utc, usd));
        }
    }
    let mut amounts = machines.values().map(|last| last.map(|(_, usd)| usd));
    let first = amounts.next()??;
    amounts.all(|other| other == Some(first)).then_some(first)
}

/// A note on sessions of which some state an amount and which have none in common.
pub fn note<'a>(
    label: &str,
    sessions: impl Iterator<Item = &'a Session> + Clone,
) -> Option<String> {
    let found = stated(sessions.clone());
    let is_open = |amount: fn(&Stated) -> Option<f64>| {
        amount(&found).is_none() && sessions.clone().any(|of| amount(&of.stated).is_some())
    };
    let what = match (is_open(|of| of.price_usd), is_open(|of| of.rent_usd_per_h)) {
        (true, true) => "price and no rent",
        (true, false) => "price",
        (false, true) => "rent",
        (false, false) => return None,
    };
    Some(format!(
        "{label}: its machines have no {what} in common, so there are no dollars by it; --by node keeps machines apart"
    ))
}
