//! Places at which libraries of GPU vendors are found.

use super::command;
use super::machine::{Build, Machine};
use crate::sandbox::{Sandbox, ended, flat, has, items, json, stdout, word, words};

#[test]
fn doctor_names_each_library() {
    let sandbox = Sandbox::new();
    let machine = Machine::new(Build::Nvidia, "");
    let doctor = command(&sandbox, Build::Nvidia, &machine, ["doctor"]);
    let text = flat(&stdout(&ended(doctor).code(0)));
    has!(
        text,
        "cublaslt: cuBLASLt 13.0.1, ",
        "CUDA driver 13.0",
        "hipblaslt: "
    );
}

/// AMD's wheels and PyTorch's have driver and library below `site-packages`.
#[test]
fn hipblaslt_is_found_in_python_packages() {
    let machine = Machine::new(Build::Amd, "");
    for [driver, library] in [
        [
            "_rocm_sdk_core/lib/libamdhip64.so.7",
            "_rocm_sdk_libraries_gfx94X_dcgpu/lib/libhipblaslt.so.1",
        ],
        ["torch/lib/libamdhip64.so", "torch/lib/libhipblaslt.so"],
    ] {
        let sandbox = Sandbox::new();
        for name in [driver, library] {
            let path = sandbox.file(&format!("venv/lib/python3.12/site-packages/{name}"), "");
            std::fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(&machine.library, &path).unwrap();
        }
        let mut list = sandbox.command(words("list --format json"));
        list.env("VIRTUAL_ENV", sandbox.path("venv"));
        let list = json(&ended(list).code(0));
        let found = items(&list["libraries"]).iter();
        let found = found.filter(|one| one["available"] == true);
        let details: Vec<&str> = found.map(|one| word(&one["detail"])).collect();
        assert_eq!(details.len(), 1, "{list}");
        has!(details[0], "hipBLASLt 1.1.2");
    }
}
