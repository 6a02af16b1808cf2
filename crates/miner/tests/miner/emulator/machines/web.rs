//! The machines that speak HTTP, at least on one of their ports.

use super::{Machine, machine};

const fn web(name: &'static str, replies: &'static [(&'static str, &'static str)]) -> Machine {
    Machine {
        name,
        http_only: true,
        replies,
    }
}

/// A Bitaxe four seconds after its start: the full rate at hardly any power.
pub const BITAXE: Machine = web(
    "bitaxe",
    &[
        ("/", "<html><title>AxeOS</title></html>"),
        ("/api/system/info", BITAXE_INFO),
        (
            "/api/system/asic",
            r#"{"ASICModel":"BM1370","asicCount":1,"deviceModel":"Gamma","frequencyOptions":[525]}"#,
        ),
    ],
);
const BITAXE_INFO: &str = r#"{"power":2.65,"voltage":5100.5,"current":520.0,"temp":31.5,"vrTemp":33,"hashRate":1000.0,"expectedHashrate":1071.0,"errorPercentage":0.5,"ASICModel":"BM1370","boardVersion":"601","version":"v2.12.2","axeOSVersion":"v2.12.2","uptimeSeconds":4,"fanrpm":3800,"frequency":525,"smallCoreCount":2040,"asicCount":1,"ssid":"HomeNet","macAddr":"02:00:5E:10:00:07","hostname":"bitaxe","stratumURL":"pool.example","stratumPort":3333,"stratumUser":"bc1qsecretuser","isUsingFallbackStratum":0,"fallbackStratumURL":"","fallbackStratumPort":0,"fallbackStratumUser":"","overheat_mode":0,"sharesAccepted":0,"sharesRejected":0,"frequency":525,"coreVoltage":1150}"#;

/// A NerdQAxe++ without an expected rate.
pub const NERDAXE: Machine = web(
    "nerdaxe",
    &[
        ("/", "<html><title>NerdQAxe++</title></html>"),
        (
            "/api/system/info",
            r#"{"power":77.5,"voltage":12050.0,"current":6400.0,"temp":58.5,"vrTemp":60,"hashRate":4800.5,"hashRate_1m":4810.0,"hashRate_10m":4790.0,"hashRate_1h":4795.0,"deviceModel":"NerdQAxe++","ASICModel":"BM1370","version":"v1.0.30","uptimeSeconds":86400,"fanrpm":2900,"frequency":600,"smallCoreCount":2040,"asicCount":4,"macAddr":"02:00:5E:10:00:08","hostname":"nerd","stratumURL":"pool.example","stratumPort":3333,"stratumUser":"bc1qsecretuser"}"#,
        ),
    ],
);

const BRAIINS_VERSION: (&str, &str) = ("/api/v1/version/", r#"{"major":1,"minor":10,"patch":0}"#);

/// Braiins OS for a user who has logged in.
pub const BRAIINS: Machine = web(
    "braiins",
    &[
        BRAIINS_VERSION,
        ("/", "<html><title>Braiins OS</title></html>"),
        // For readers that log in.
        ("/api/v1/auth/login", r#"{"token":"t","timeout_s":3600}"#),
        (
            "/graphql",
            r#"{"data":{"bosminer":{"info":{"modelName":"Antminer S19 XP"}},"bos":{"info":{"version":{"full":"2025-11-21-0-0a1b2c3d-25.11-plus"}}}}}"#,
        ),
        (
            "/api/v1/miner/details",
            r#"{"status":2,"bosminer_uptime_s":20000,"hostname":"m","mac_address":"02:00:5E:10:00:09","serial_number":"SN2","miner_identity":{"name":"Antminer S19 XP","brand":1},"bos_version":{"current":"2025-11-21-25.11-plus"},"sticker_hashrate":{"gigahash_per_second":140000.0}}"#,
        ),
        (
            "/api/v1/miner/stats",
            r#"{"miner_stats":{"real_hashrate":{"last_5s":{"gigahash_per_second":121000.5},"last_15m":{"gigahash_per_second":120900.0},"last_1h":{"gigahash_per_second":121500.0},"last_24h":{"gigahash_per_second":34000.25}},"nominal_hashrate":{"gigahash_per_second":120000.0},"error_hashrate":{"megahash_per_second":1250.5}},"power_stats":{"approximated_consumption":{"watt":2472},"efficiency":{"joule_per_terahash":20.6}}}"#,
        ),
        (
            "/api/v1/cooling/state",
            r#"{"fans":[{"position":0,"rpm":5800}],"highest_temperature":{"location":1,"temperature":{"degree_c":71.5}}}"#,
        ),
        (
            "/api/v1/license/license",
            r#"{"state":{"valid":{"type":1,"contract_name":"x","time_to_restricted":100,"dev_fee":{"bsp":250}}}}"#,
        ),
    ],
);

/// Braiins OS as a guest sees it: the old API has the rates.
pub const BRAIINS_GUEST: Machine = machine(
    "braiins-guest",
    &[
        BRAIINS_VERSION,
        ("/api/v1/miner/details", "401"),
        ("/api/v1/miner/stats", "401"),
        ("/api/v1/cooling/state", "401"),
        ("/api/v1/license/license", "401"),
        (
            "version",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":22,"Msg":"BOSer versions","Description":"BOSer boser-openwrt 0.1.0"}],"VERSION":[{"API":"3.7","BOSer":"boser-openwrt 0.1.0"}],"id":1}"#,
        ),
        (
            "summary",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":11,"Msg":"Summary","Description":"BOSer boser-openwrt 0.1.0"}],"SUMMARY":[{"Elapsed":20000,"MHS 5s":121000500.0,"MHS av":120500000.0,"Difficulty Accepted":560000000.0,"Device Hardware%":0.001}],"id":1}"#,
        ),
    ],
);

const VNISH_INFO: (&str, &str) = (
    "/api/v1/info",
    r#"{"miner":"Antminer S19j Pro","model":"s19jpro","fw_name":"Vnish","fw_version":"1.3.4","platform":"aml","algorithm":"sha256d","hr_measure":"GH/s","serial":"SN3","system":{"uptime":"1 days, 2:03","miner_name":"m","network_status":{"mac":"02:00:5E:10:00:0A","hostname":"m"}}}"#,
);

/// VNish on a power supply that does not measure; `power_usage` is an efficiency.
pub const VNISH: Machine = web(
    "vnish",
    &[
        VNISH_INFO,
        ("/", "<html><title>AnthillOS</title></html>"),
        (
            "/api/v1/summary",
            r#"{"miner":{"miner_status":{"miner_state":"mining","miner_state_time":3600},"miner_type":"Antminer S19j Pro","hr_stock":104000.0,"hr_realtime":101000.5,"hr_nominal":102000.0,"hr_average":100900.25,"hr_error":0.1,"hw_errors_percent":0.25,"hw_errors":12,"power_consumption":3050,"power_usage":30,"power_efficiency":30.2,"devfee_percent":2.8,"devfee":2825.5,"chip_temp":{"min":50,"max":71},"pcb_temp":{"min":40,"max":58},"cooling":{"fan_num":1,"fans":[{"id":0,"rpm":5100,"status":"ok","max_rpm":6000}]},"psu":{"psu_power_metering":false},"chains":[],"pools":[{"user":"secretuser.1"}]}}"#,
        ),
        (
            "/api/v1/status",
            r#"{"miner_state":"mining","miner_state_time":3600,"find_miner":false}"#,
        ),
        ("/api/v1/chains", "[]"),
        ("/api/v1/chains/factory-info", r#"{"hr_stock":104000.0}"#),
    ],
);

/// VNish whose owner closed the summary.
pub const VNISH_CLOSED: Machine = web("vnish-closed", &[VNISH_INFO, ("/api/v1/summary", "401")]);

/// ePIC, whose input power is an estimate.
pub const EPIC: Machine = web(
    "epic",
    &[
        ("/", "<html><title>Miner Web Dashboard</title></html>"),
        (
            "/summary",
            r#"{"Status":{"Operating State":"Mining","Last Error":null},"Hostname":"m","PresetInfo":{"Target Power":3000},"Software":"PowerPlay-BM v1.16.1","Mining":{"Coin":"BTC","Algorithm":"SHA-256"},"Stratum":{"Current Pool":"pool.example","Current User":"secretuser","Config Id":0,"IsPoolConnected":true},"Session":{"Average MHs":90000000.5,"Uptime":30000,"Accepted":10,"Rejected":0,"Active HBs":2},"HBStatus":[],"HBs":[{"Index":0,"Hashrate":[45000000.0,101.5,0.9],"Temperature":67.0},{"Index":1,"Hashrate":[46000000.0,102.0,0.9],"Temperature":64.5}],"Fans":{"Fans Speed":100},"Fans Rpm":{"Fans Speed 1":5900,"Fans Speed 2":null},"Misc":{"Locate Miner State":false},"StratumConfigs":[],"PerpetualTune":{"Running":false,"Algorithm":{}},"Power Supply Stats":{"Input Voltage":0.0,"Output Voltage":12.5,"Input Current":0.0,"Output Current":0.0,"Input Power":2166.5,"Output Power":0.0,"Target Voltage":12600}}"#,
        ),
        (
            "/capabilities",
            r#"{"Model":"AntMiner S19 XP","Model Subtype":"BHB56801","Default Hashrate":143,"Board Serial Numbers":["SN4"],"Max HBs":3,"Performance Estimator":{"Chip Count":110}}"#,
        ),
        (
            "/network",
            r#"{"dhcp":{"mac_address":"02:00:5E:10:00:0B"}}"#,
        ),
    ],
);

/// Proto Rig with two power supplies that measure.
pub const PROTO: Machine = web(
    "proto",
    &[
        ("/", "<html><title>Proto OS</title></html>"),
        ("/api/v1/auth/login", r#"{"access_token":"t"}"#),
        (
            "/api/v1/hardware",
            r#"{"hardware-info":{"hashboards-info":[],"fans-info":[]}}"#,
        ),
        (
            "/api/v1/telemetry?level=miner%2Chashboard%2Cpsu",
            PROTO_TELEMETRY,
        ),
        (
            "/api/v1/system",
            r#"{"system-info":{"product_name":"Proto Rig","model":"Rig","cb_sn":"SN5","os":{"name":"ProtoOS","version":"1.8.0","hostname":"m"}}}"#,
        ),
        (
            "/api/v1/mining",
            r#"{"mining-status":{"status":"Mining","average_hashrate_ghs":141000.5,"ideal_hashrate_ghs":145000,"power_target_watts":3400,"mining_uptime_s":5000}}"#,
        ),
        ("/api/v1/telemetry?level=miner,psu", PROTO_TELEMETRY),
    ],
);
const PROTO_TELEMETRY: &str = r#"{"miner":{"hashrate":{"unit":"TH/s","value":140.5},"power":{"unit":"W","value":3400.5},"efficiency":{"unit":"J/TH","value":24.2},"temperature":{"unit":"°C","value":54.0}},"psus":[{"index":0,"power":{"input":1774.5,"output":1616.25},"voltage":{"input":231.0},"current":{"input":7.7}},{"index":1,"power":{"input":1750.5,"output":1600.0},"voltage":{"input":232.0},"current":{"input":7.5}}]}"#;
