//! Files that a user adds to the catalogue: accepted with their origin, or refused with
//! every fault named.

use perwatt_gap::catalogue::{Catalogue, CatalogueError, Fault, Origin};
use perwatt_table::Evidence;
use proptest::prelude::*;

const ASIC_HEADER: &str = "vendor,model,release_date,hashrate_th_s,power_w,efficiency_quoted_j_th,\
cooling,confidence,source,date,notes";
const ACCELERATOR_HEADER: &str = "vendor,model,release_date,board_power_w,fp32_tflops,\
bf16_fp16_dense_tflops_fp32acc,fp8_dense_tflops,int8_dense_tops,mem_gb,mem_bw_gb_s,\
bf16_measured_matmul_tflops,confidence,source,date,notes";
const GPU_HEADER: &str = "device,class,algorithm,hashrate_mh_s,sha256d_equiv_mh_s,conversion,\
power_w,power_basis,sha256d_mh_per_j,tool,kind,confidence,source,date,notes";

fn builtin() -> Catalogue {
    Catalogue::builtin().unwrap()
}

fn add(header: &str, lines: &[&str]) -> Result<Catalogue, CatalogueError> {
    let mut catalogue = builtin();
    let text = format!("{header}\n{}\n", lines.join("\n"));
    catalogue.add("my.csv", text.as_bytes())?;
    Ok(catalogue)
}

fn faults(header: &str, lines: &[&str]) -> Vec<Fault> {
    match add(header, lines) {
        Err(CatalogueError::Faults(faults)) => faults,
        other => panic!("{other:?}"),
    }
}

/// The only fault of a line, as it is printed.
fn fault(header: &str, line: &str) -> String {
    let found = faults(header, &[line]);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].to_string()
}

#[test]
fn a_users_rows_are_added_or_take_a_place_and_say_whose_they_are() {
    let s21 = "Bitmain,antminer s21-XP,2026,280,3600,,air,measured,my bench,2026-09-01,";
    let own = "Me,Own 1,2026,1,20,20,air,secondary,notes of mine,undated,";
    let catalogue = add(ASIC_HEADER, &[s21, own]).unwrap();
    assert_eq!(catalogue.asics.len(), 82);
    let mine = catalogue.asic("s21 xp").unwrap();
    assert_eq!(mine.hashrate_th_s, 280.0);
    assert_eq!(mine.provenance.origin, Origin::File("my.csv".into()));
    assert_eq!(mine.provenance.basis.evidence(), Evidence::Measured);
    assert_eq!(catalogue.asic("own 1").unwrap().provenance.date, None);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gpu.csv");
    let line =
        "My card,gpu,sha256,100,50,x0.5: one block,100,meter,0.5,mine,measured,measured,me,2026,";
    std::fs::write(&path, format!("{GPU_HEADER}\n{line}\n")).unwrap();
    assert_eq!(Catalogue::with_file(&path).unwrap().gpus.len(), 30);
}

#[test]
fn every_fault_is_named_with_its_line_and_column() {
    let found = faults(
        ASIC_HEADER,
        &[
            "A,one,2026,0,100,,air,secondary,x,2026,",
            "A,two,2026,1,-5,,air,hearsay,x,2026,",
            "A,three,2026,1,100,,air,secondary,,soon,",
            "A,four,2026,1,inf,,air,secondary,x,2026,",
            "A,five,2026,1",
            "A,six,2026,1,100,100,air,manufacturer,x,undated,",
            "a,SIX,2026,1,100,100,air,secondary,x,2026,",
        ],
    );
    let said = found.iter().map(|f| format!("{} {}", f.line, f.column));
    let said: Vec<String> = said.collect();
    let expected = "2 hashrate_th_s, 3 power_w, 3 confidence, 4 date, 4 source, 5 power_w, 6 line, 7 date, 8 model";
    assert_eq!(said.join(", "), expected, "{found:#?}");
    let text = CatalogueError::Faults(found).to_string();
    for part in [
        "my.csv:3: power_w \"-5\": must be positive",
        "my.csv:8: model \"SIX\": is on line 7 already",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn lines_are_counted_past_empty_ones() {
    let apart = "\nA,one,2026,0,100,,air,secondary,x,2026,\n\n";
    let found = faults(ASIC_HEADER, &[apart, apart]);
    let lines: Vec<u64> = found.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [3, 7, 7], "empty lines count: {found:#?}");
    let bytes = [ASIC_HEADER.as_bytes(), b"\n\n\xff,one\n"].concat();
    let unread = builtin().add("my.csv", &bytes).unwrap_err().to_string();
    let said = "my.csv: line 3, column \"vendor\": \"\u{fffd}\" is not UTF-8;";
    assert!(unread.starts_with(said), "{unread}");
}

#[test]
fn an_efficiency_that_contradicts_its_row_needs_a_note() {
    let line = |note: &str| format!("A,B,2026,100,3000,25,air,secondary,x,2026,{note}");
    let said = fault(ASIC_HEADER, &line(""));
    let is_named = said.contains("efficiency_quoted_j_th \"25\"");
    assert!(is_named && said.contains("30.00"), "{said}");
    assert!(fault(ASIC_HEADER, &line("as printed")).contains("3 %"));
    assert!(add(ASIC_HEADER, &[&line("prints 25 J/TH of the chips alone")]).is_ok());
    let near = "A,B,2026,100,3000,29.2,air,secondary,x,2026,";
    assert!(add(ASIC_HEADER, &[near]).is_ok());
    let header = format!("{ASIC_HEADER},efficiency_j_th,power_tolerance_rel");
    let found = faults(&header, &["A,B,2026,100,3000,,air,secondary,x,2026,,31,5"]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_share_of_the_network_is_a_share_and_has_a_dated_source() {
    let header = format!("{ASIC_HEADER},network_share,network_share_source,network_share_date");
    let line = |share: &str| format!("Me,Own 1,2026,1,20,20,air,secondary,mine,2026,,{share}");
    let catalogue = add(&header, &[&line("0.9,nonces,2026-11")]).unwrap();
    assert_eq!(catalogue.asic("deployed").unwrap().model, "Own 1");
    for (share, wrong) in [
        ("1.2,nonces,2026-11", "more than 1"),
        ("0.9,,2026-11", "name the source"),
        ("0.9,nonces,", "not a date"),
        ("0.9,nonces,soon", "not a date"),
    ] {
        let said = fault(&header, &line(share));
        assert!(said.contains(wrong), "{said}");
    }
}

#[test]
fn sustained_rates_are_possible_and_have_a_source() {
    let header = format!(
        "{ACCELERATOR_HEADER},bf16_sustained_tflops,bf16_sustained_w,fp4_dense_tflops,measured_source,measured_date,j_per_token,rent_usd_per_h"
    );
    let line = |more: &str| format!("A,B,2026,100,10,100,200,,8,100,90,secondary,x,2026,,{more}");
    assert!(add(&header, &[&line("80,105,400,me,2026-08,,")]).is_ok());
    for (more, column) in [
        ("95,,,me,2026,,", "bf16_sustained_tflops"),
        ("101,,,me,2026,,", "bf16_sustained_tflops"),
        ("80,111,,me,2026,,", "bf16_sustained_w"),
        (",90,,,,,", "bf16_sustained_w"),
        ("80,90,,,2026,,", "measured_source"),
        ("80,90,,me,soon,,", "measured_date"),
        (",,800,,,,", "fp4_dense_tflops"),
        ("80,90,,me with sparsity,2026,,", "measured_source"),
        (",,,,,0.1,", "j_per_token_source"),
        (",,,,,,2", "rent_source"),
    ] {
        let found = faults(&header, &[&line(more)]);
        let named = |fault: &Fault| fault.line == 2 && fault.column == column;
        assert!(found.iter().any(named), "{more}: {found:?}");
    }
}

#[test]
fn rates_that_are_not_dense_are_refused() {
    let line = |bf16: &str, fp8: &str, int8: &str, measured: &str, notes: &str| {
        format!("A,B,2026,100,10,{bf16},{fp8},{int8},8,100,{measured},secondary,x,2026,{notes}")
    };
    assert!(add(ACCELERATOR_HEADER, &[&line("100", "200", "400", "90", "")]).is_ok());
    for ([bf16, fp8, int8, measured, notes], column) in [
        (["100", "400", "", "", ""], "fp8_dense_tflops"),
        (["100", "50", "", "", ""], "fp8_dense_tflops"),
        (["100", "", "800", "", ""], "int8_dense_tops"),
        (["100", "", "", "101", ""], "bf16_measured_matmul_tflops"),
        (["100", "", "", "", "with sparsity"], "notes"),
        (["abc", "", "", "", ""], "bf16_fp16_dense_tflops_fp32acc"),
    ] {
        let row = line(bf16, fp8, int8, measured, notes);
        let said = fault(ACCELERATOR_HEADER, &row);
        assert!(said.starts_with(&format!("my.csv:2: {column} ")), "{said}");
    }
    let none = "A,B,2026,100,,,,,8,100,,secondary,x,2026,";
    assert!(fault(ACCELERATOR_HEADER, none).contains("no rate of any number format"));
}

#[test]
fn single_hashes_are_converted_and_say_so() {
    let line = |middle: &str| format!("C,gpu,{middle},t,measured,measured,x,2026,");
    assert!(add(GPU_HEADER, &[&line("sha256,100,50,x0.5: halved,10,TDP,5")]).is_ok());
    for (middle, column) in [
        ("sha256,100,100,x0.5: halved,,,", "sha256d_equiv_mh_s"),
        ("sha256,100,50,as measured,,,", "conversion"),
        ("sha256d,100,100,x0.5,,,", "conversion"),
        ("scrypt,100,100,as measured,,,", "algorithm"),
        ("sha256d,100,100,as measured,10,TDP,9", "sha256d_mh_per_j"),
        ("sha256d,100,100,as measured,10,,10", "power_basis"),
        ("sha256d,100,100,as measured,,,10", "sha256d_mh_per_j"),
    ] {
        let said = fault(GPU_HEADER, &line(middle));
        assert!(said.starts_with(&format!("my.csv:2: {column} ")), "{said}");
    }
    let more = "C,gpu,sha256d,1,1,as measured,,,,t,derived,measured,x,2026,";
    assert!(fault(GPU_HEADER, more).contains("more than kind"));
}

#[test]
fn an_unknown_header_names_the_nearest_table() {
    let header = ASIC_HEADER.replace("power_w", "power");
    let error = add(&header.replace(",notes", ""), &[]).unwrap_err();
    let said = "nearest to that of asics; add the missing columns power_w, notes; take out or rename power";
    assert!(error.to_string().ends_with(said), "{error}");
    let header = "x.csv:1: the header";
    for (text, said) in [
        ("", header),
        ("\n\n", header),
        ("a,b\n1,2\n", header),
        ("\0\x01", "x.csv: line 1: the file holds zero bytes"),
    ] {
        let error = builtin().add("x.csv", text.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with(said), "{error}");
    }
    let wide: Vec<String> = (0..100_000).map(|i| i.to_string()).collect();
    let wide = wide.join(",");
    let error = add(&wide, &[]).unwrap_err().to_string();
    assert!(error.len() < 2000 && error.contains("more"), "{error}");
    let twice = format!("{ASIC_HEADER},model");
    let error = add(&twice, &[]).unwrap_err().to_string();
    assert!(error.contains("keep only one each of model"), "{error}");
    let missing = Catalogue::with_file(std::path::Path::new("/nowhere/x.csv")).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/x.csv"));
}

/// Numbers are read by the rule of their column, as in every other table.
#[test]
fn a_users_file_may_have_decimal_commas() {
    let header = ASIC_HEADER.replace(',', ";");
    let lines = [
        "A;one;2026;100,5;3.250,0;;air;secondary;x;2026;",
        "A;two;2026;1.000,5;3250;;air;secondary;x;2026;",
    ];
    let uneven = add(&header, &lines).unwrap_err().to_string();
    let is_named = uneven.contains("power_w \"3250\"");
    assert!(is_named && uneven.contains("alike"), "{uneven}");
    let catalogue = add(&format!("sep=;\n{header}"), &[lines[0]]).unwrap();
    let one = catalogue.asic("A one").unwrap();
    assert_eq!((one.hashrate_th_s, one.power_w), (100.5, 3250.0));
    let doubtful = ["98", "1,344"]
        .map(|rate| format!("A,\"{rate}\",2026,\"{rate}\",3000,,air,secondary,x,2026,"));
    let error = add(ASIC_HEADER, &doubtful.each_ref().map(String::as_str));
    let error = error.unwrap_err().to_string();
    let at = "my.csv:3: hashrate_th_s \"1,344\": line 3, column \"hashrate_th_s\": \"1,344\" is 1.344 or 1344";
    assert!(error.starts_with(at), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    let range = "from 1e-9";
    for (value, why) in [
        ("1e-306", range),
        ("1e300", range),
        ("5 W", "is not a number"),
    ] {
        let line = format!("A,B,2026,1,{value},,air,secondary,x,2026,");
        let said = fault(ASIC_HEADER, &line);
        let starts = said.starts_with("my.csv:2: power_w");
        assert!(starts && said.contains(why), "{said}");
    }
}

/// Rows are looked up by key: a search through the others for each row would take minutes
/// here.
#[test]
fn many_rows_and_many_faults_are_no_work() {
    let began = std::time::Instant::now();
    let rows = (0..16_000).map(|i| format!("A,model {i},2026,{i}.5,3000,,air,secondary,x,2026,"));
    let rows: Vec<String> = rows.collect();
    let lines: Vec<&str> = rows.iter().map(String::as_str).collect();
    let catalogue = add(ASIC_HEADER, &lines).unwrap();
    assert_eq!(catalogue.asics.len(), builtin().asics.len() + 16_000);
    let error = add(ASIC_HEADER, &vec!["A,B,2026,x"; 100_000]).unwrap_err();
    let error = error.to_string();
    assert_eq!(error.lines().count(), 101, "{error}");
    assert!(error.contains("may be more"), "{error}");
    assert!(began.elapsed().as_secs() < 60, "it hangs");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let error = Catalogue::with_file("/dev/zero".as_ref()).unwrap_err();
    let said = "/dev/zero: it is a device";
    assert!(error.to_string().contains(said), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any file is read, or refused with a reason, and every fault has its line.
    #[test]
    fn no_file_is_fatal(lines in prop::collection::vec("[ -~\u{e9}]{0,60}", 0..6), which in 0usize..3) {
        let header = [ASIC_HEADER, ACCELERATOR_HEADER, GPU_HEADER][which];
        let text = format!("{header}\n{}", lines.join("\n"));
        if let Err(error) = builtin().add("x.csv", text.as_bytes()) {
            if let CatalogueError::Faults(faults) = &error {
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.iter().all(|fault| fault.line > 1));
            }
            prop_assert!(error.to_string().starts_with("x.csv:"));
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(builtin().add("x.csv", &bytes).is_err());
    }
}
