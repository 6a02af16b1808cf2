mod amd { pub mod vulkan; }
mod kernels;
mod spirv;
fn main() -> anyhow::Result<()> {
    let a: Vec<String> = std::env::args().collect();
    let c = amd::vulkan::Compiler::open()?;
    println!("{}", c.description);
    for f in a[2..].iter().filter(|f| f.ends_with(".wgsl")) {
        let w = std::fs::read_to_string(f)?;
        let r = c.compile(&spirv::spirv(&w, spirv::Checks::Off)?)?;
        println!("{f} VALU {} VGPR {}", r.statistics["VALU"], r.statistics["VGPRs"]);
        std::fs::write(format!("{f}.s"), r.assembly)?;
    }
    for k in kernels::kernels() {
        if a.len() > 2 && !a[2].is_empty() && !k.name.starts_with(&a[2]) { continue }
        let s = spirv::spirv(&k.wgsl, spirv::Checks::Off)?;
        let r = c.compile(&s)?;
        println!("{} {:?}", k.name, r.statistics);
        std::fs::write(format!("{}/{}.s", a[1], k.name), r.assembly)?;
        std::fs::write(format!("{}/{}.wgsl", a[1], k.name), k.wgsl)?;
    }
    Ok(())
}
