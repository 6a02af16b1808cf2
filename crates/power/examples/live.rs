use perwatt_power::*;
fn main() {
    let t = std::time::Instant::now();
    for f in detect(&Selection::default()).unwrap() {
        println!("{f:#?}");
    }
    println!("{:?}", t.elapsed());
}
