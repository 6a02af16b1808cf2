//! What the machine costs, over its rates and over its work.

use perwatt_answer::{Answer, Bought, Buys, PerDollar, Running};
use perwatt_record::schema::Unit;

use crate::doc::{Mark, Value};

/// The price of the machine over its rates, and the cheapest rig's.
pub fn per_dollar(of: &PerDollar, answer: &Answer) -> String {
    let rig = of.rig.as_ref().map_or_else(String::new, |rig| {
        let usd = Value::Dollars(rig.usd_per_th_s);
        format!("; {usd}/(TH/s) {} ({})", rig.short, rig.date)
    });
    format!(
        "for {}{}:{}{}{rig}",
        Value::Dollars(of.price_usd),
        Mark::Stated.sign(),
        per(of.usd_per_th_s, "(TH/s)"),
        per(of.usd_per_tera_op_s, &format!("(T{}/s)", operation(answer)))
    )
}

/// The rent of the machine over its work.
pub fn running(of: &Running, answer: &Answer) -> String {
    let tokens = of.usd_per_mtoken_at_least;
    let tokens = tokens.map_or_else(String::new, |usd| {
        format!(" \u{2265}{}/(M tokens)", Value::Dollars(usd))
    });
    format!(
        "rented at {}/h{}:{}{}{tokens}",
        Value::Dollars(of.rent_usd_per_h),
        Mark::Stated.sign(),
        per(of.usd_per_eh, "EH"),
        per(of.usd_per_exa_op, &format!("E{}", operation(answer)))
    )
}

/// Dollars per unit, after a space; nothing where they are not known.
fn per(usd: Option<f64>, unit: &str) -> String {
    usd.map_or_else(String::new, |usd| {
        format!(" {}/{unit}", Value::Dollars(usd))
    })
}

/// The unit of the product that stands for the machine.
fn operation(answer: &Answer) -> Unit {
    let integer = |row: &Bought| matches!(row.buys, Buys::Op(_));
    match answer.bought.iter().any(integer) {
        true => Unit::Op,
        false => Unit::Flop,
    }
}
