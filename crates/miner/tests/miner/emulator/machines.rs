//! The replies of the machines, made up, with the faults of real ones.

/// An emulated machine: its name, and the reply to each request.
pub struct Machine {
    pub name: &'static str,
    /// It speaks HTTP on every port.
    pub http_only: bool,
    pub replies: &'static [(&'static str, &'static str)],
}

mod web;
pub use web::*;

const fn machine(name: &'static str, replies: &'static [(&'static str, &'static str)]) -> Machine {
    Machine {
        name,
        http_only: false,
        replies,
    }
}

const ANTMINER_VERSION: (&str, &str) = (
    "version",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":22,"Msg":"CGMiner versions","Description":"cgminer 1.0.0"}],"VERSION":[{"BMMiner":"1.0.0","API":"3.1","Miner":"49.0.1.3","CompileTime":"Mon Jan 1 00:00:00 CST 2024","Type":"Antminer S19"}],"id":1}"#,
);
const ANTMINER_SUMMARY: (&str, &str) = (
    "summary",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":11,"Msg":"Summary","Description":"cgminer 1.0.0"}],"SUMMARY":[{"Elapsed":40000,"GHS 5s":"94210.50","GHS av":93801.25,"GHS 30m":93900,"Device Hardware%":0.02,"Difficulty Accepted":870000000,"Total MH":3752050000000}],"id":1}"#,
);
// No comma between the objects, none before temp0, and numbers as texts.
const ANTMINER_STATS: (&str, &str) = (
    "stats",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":70,"Msg":"CGMiner stats","Description":"cgminer 1.0.0"}],"STATS":[{"BMMiner":"1.0.0","Miner":"49.0.1.3","Type":"Antminer S19"}{"STATS":0,"ID":"BTM_SOC0","Elapsed":40000,"GHS 5s":94210.5,"GHS av":93801.25,"rate_30m":93900,"fan_num":2,"fan1":5880,"fan2":6000,"temp2_1":62,"temp2_2":63,"temp2_3":"64","total_rateideal":95000.0,"rate_unit":"GH","chain_rate1":"31300.20","chain_acs1":" ooo ooo""temp0":0,"no_matching_work":3}],"id":1}"#,
);

/// Bitmain's own firmware, an older version, which states no power.
pub const ANTMINER: Machine = machine(
    "antminer",
    &[
        ANTMINER_VERSION,
        ANTMINER_SUMMARY,
        ANTMINER_STATS,
        ("stats+new_api", ANTMINER_STATS.1),
        (
            "/cgi-bin/miner_type.cgi",
            r#"{"miner_type":"Antminer S19","subtype":"AMLCtrl_BHB42601"}"#,
        ),
        ("/", "<html><title>antMiner</title></html>"),
    ],
);

/// A newer one, which states watts if it is asked with `new_api` at the top level.
pub const ANTMINER_NEW: Machine = machine(
    "antminer-new",
    &[
        ANTMINER_VERSION,
        ANTMINER_SUMMARY,
        ANTMINER_STATS,
        (
            "stats+new_api",
            r#"{"STATUS":{"STATUS":"S","when":1,"Msg":"stats","api_version":"1.0.0"},"INFO":{"miner_version":"49","CompileTime":"x","type":"Antminer S19"},"STATS":[{"elapsed":40000,"rate_5s":94210.5,"rate_avg":93801.25,"rate_ideal":95000.0,"rate_unit":"GH/s","chain_num":3,"watt":3105}]}"#,
        ),
        (
            "/cgi-bin/miner_type.cgi",
            r#"{"miner_type":"Antminer S19","subtype":"AMLCtrl_BHB42601"}"#,
        ),
        ("/", "<html><title>antMiner</title></html>"),
    ],
);

const WHATSMINER_VERSION: (&str, &str) = (
    "get_version",
    r#"{"STATUS":"S","When":1,"Code":131,"Msg":{"api_ver":"whatsminer v1.4.0","fw_ver":"20210322.22.REL"},"Description":"whatsminer v1.4.0"}"#,
);
const WHATSMINER_DETAILS: (&str, &str) = (
    "devdetails",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":69,"Msg":"Device Details","Description":"btminer"}],"DEVDETAILS":[{"DEVDETAILS":0,"Name":"SM","ID":0,"Driver":"bitmicro","Model":"M30S+_VE40"}],"id":1}"#,
);

/// Whatsminer with a line feed in its version, a comma too many, and MH/s that look like TH/s.
pub const WHATSMINER: Machine = machine(
    "whatsminer",
    &[
        WHATSMINER_VERSION,
        WHATSMINER_DETAILS,
        (
            "version",
            r#"{"STATUS":[{"STATUS":"E","When":1,"Code":14,"Msg":"invalid cmd","Description":"btminer"}]}"#,
        ),
        (
            "summary",
            "{\"STATUS\":[{\"STATUS\":\"S\",\"When\":1,\"Code\":11,\"Msg\":\"Summary\",\"Description\":\"cgminer 4.9.2\"}],\"SUMMARY\":[{\"Elapsed\":9000,\"MHS av\":96100250.50,\"MHS 5s\":97000000.00,\"MHS 15m\":96000000.00,\"HS RT\":96500000.00,\"Difficulty Accepted\":200000000.0,\"Temperature\":70.5,\"Fan Speed In\":6400,\"Fan Speed Out\":6450,\"Firmware Version\":\"'20210322\n.22.REL'\",\"MAC\":\"02:00:5E:10:00:01\",\"Power\":3400,\"Power_RT\":3412,\"Power Limit\":3500,\"Power Mode\":\"Normal\",\"Factory GHS\":98000,\"Target MHS\":97500000,\"Hash Stable\":true,\"Env Temp\":24.5,\"Power Fanspeed\":9000,\"Device Hardware%\":0.011,}],\"id\":1}",
        ),
        (
            "status",
            r#"{"STATUS":"S","When":1,"Code":131,"Msg":{"btmineroff":"false","Firmware Version":"'20210322.22.REL'"},"Description":""}"#,
        ),
        (
            "get_miner_info",
            r#"{"STATUS":"S","When":1,"Code":131,"Msg":{"ledstat":"auto","mac":"02:00:5E:10:00:01","hostname":"m"},"Description":""}"#,
        ),
    ],
);

/// A Whatsminer that does not know its power, and whose errors are pairs in an array.
pub const WHATSMINER_UNKNOWN_POWER: Machine = machine(
    "whatsminer-unknown-power",
    &[
        WHATSMINER_VERSION,
        WHATSMINER_DETAILS,
        (
            "version",
            r#"{"STATUS":[{"STATUS":"E","When":1,"Code":14,"Msg":"invalid cmd","Description":"btminer"}]}"#,
        ),
        (
            "summary",
            r#"{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"Elapsed":9000,"MHS av":96100250.50,"HS RT":96500000.00,"Factory GHS":98000,"Power":-1,"Power_RT":-1,"Power Limit":3500,"error_code":["530":"2024-01-01 10:11:12"]}],"id":1}"#,
        ),
        ("status", r#"{"STATUS":"S","Msg":{"btmineroff":"true"}}"#),
    ],
);

/// Whatsminer with API 3: TH/s, small letters, hyphens.
pub const WHATSMINER_3: Machine = machine(
    "whatsminer3",
    &[
        (
            "get_version",
            r#"{"STATUS":"S","When":1,"Code":131,"Msg":{"api_ver":"3.0.2","fw_ver":"20251209.16.Rel2"},"Description":"whatsminer v3"}"#,
        ),
        WHATSMINER_DETAILS,
        ("get.device.info", WHATSMINER_3_DEVICE),
        ("get.device.info miner", WHATSMINER_3_DEVICE),
        (
            "get.miner.status summary",
            r#"{"code":0,"when":1,"msg":{"summary":{"elapsed":50000,"bootup-time":1300,"hash-realtime":181.5,"hash-average":180.25,"hash-15min":180.0,"factory-hash":182.0,"power-realtime":3350.0,"power-5min":3300,"power-limit":3600,"power-rate":17.9,"up-freq-finish":1,"environment-temperature":25.5,"board-temperature":[41.0,42.5],"chip-temp-avg":75.0,"fan-speed-in":5400,"fan-speed-out":5300}},"desc":"get.miner.status"}"#,
        ),
    ],
);
const WHATSMINER_3_DEVICE: &str = r#"{"code":0,"when":1,"msg":{"miner":{"type":"M60S_VK40","working":"true","miner-sn":"SN0001","board-num":"3"},"power":{"type":"P221B","fanspeed":6300,"mode":"1"},"system":{"api":"3.0.2","fwversion":"20251209.16.Rel2","platform":"H616"},"network":{"mac":"02:00:5E:10:00:02","hostname":"m"},"salt":"AbCdEfGh"},"desc":"get.device.info"}"#;

const AVALON_SUMMARY: (&str, &str) = (
    "summary",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":11,"Msg":"Summary","Description":"cgminer 4.11.1"}],"SUMMARY":[{"Elapsed":20000,"MHS av":81000000.5,"Difficulty Accepted":370000000.0}],"id":1}"#,
);

const AVALON_DEVS: (&str, &str) = (
    "devs",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":9,"Msg":"1 ASC(s)","Description":"cgminer 4.11.1"}],"DEVS":[{"ASC":0,"Name":"AVA10","MHS 1m":0.0}],"id":1}"#,
);

/// An Avalon at work, whose PS goes on after the watts.
pub const AVALON: Machine = machine(
    "avalon",
    &[
        (
            "version",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":22,"Msg":"CGMiner versions","Description":"cgminer 4.11.1"}],"VERSION":[{"CGMiner":"4.11.1","API":"3.7","PROD":"AvalonMiner 1246","MODEL":"1246","DNA":"0102","MAC":"02005e100003"}],"id":1}"#,
        ),
        AVALON_SUMMARY,
        (
            "devs",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":9,"Msg":"1 ASC(s)","Description":"cgminer 4.11.1"}],"DEVS":[{"ASC":0,"Name":"AVA10","MHS 1m":82000500.0}],"id":1}"#,
        ),
        ("stats", AVALON_STATS),
        // A number that is none, and the comma before it missing.
        (
            "estats",
            r#"{"STATUS":[{"STATUS":"S"}],"STATS":[{"MM ID0":"Ver[1246-83] SYSTEMSTATU[Work: In Work, Hash Board: 3 ] DH[1.850%] TMax[78] TAvg[66] Fan1[5300] Fan2[5350] PS[0 1215 1320 240 3170 1320 3480] GHSspd[82000.50] GHSmm[84000.25] GHSavg[80900.75]" "MM Count":1,"value":inf}],"id":1}"#,
        ),
    ],
);
const AVALON_STATS: &str = r#"{"STATUS":[{"STATUS":"S","When":1,"Code":70,"Msg":"CGMiner stats","Description":"cgminer 4.11.1"}],"STATS":[{"STATS":0,"ID":"AVA100","Elapsed":20000,"MM ID0":"Ver[1246-83] DNA[0102] NETFAIL[0 0] SYSTEMSTATU[Work: In Work, Hash Board: 3 ] Elapsed[20000] DH[1.850%] Temp[28] TMax[78] TAvg[66] Fan1[5300] Fan2[5350] FanR[71%] PS[0 1215 1320 240 3170 1320 3480] GHSspd[82000.50] GHSmm[84000.25] GHSavg[80900.75] Freq[502.4] MGHS[27000.1 26900.2 27000.3]","MM Count":1}],"id":1}"#;

/// An Avalon Q at rest: no watts, and a setting behind them.
pub const AVALON_IDLE: Machine = machine(
    "avalon-idle",
    &[
        (
            "version",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":22,"Msg":"CGMiner versions","Description":"cgminer 4.11.1"}],"VERSION":[{"CGMiner":"4.11.1","API":"3.7","LVERSION":"25052801","PROD":"Avalon Q","MODEL":"Q","MAC":"02005e100004"}],"id":1}"#,
        ),
        AVALON_SUMMARY,
        AVALON_DEVS,
        ("stats", AVALON_IDLE_STATS),
        ("litestats", AVALON_IDLE_STATS),
    ],
);
const AVALON_IDLE_STATS: &str = r#"{"STATUS":[{"STATUS":"S","When":1,"Code":70,"Msg":"CGMiner stats","Description":"cgminer 4.11.1"}],"STATS":[{"Elapsed":20000,"MM ID0:Summary":"'STATS':{Ver[Q-1] STATE[2] SSID[HomeNet] SYSTEMSTATU[Work: In Idle, Hash Board: 1] Elapsed[20000] DH[2.449%] ITemp[26] TMax[0] TAvg[0] Fan1[0] PS[0 1221 4 0 0 2245 146] GHSspd[0.00] GHSmm[55000.5] GHSavg[44000.5] MPO[800]}","HBinfo":"'HB0':{PVT_T0[26]}"}],"id":1}"#;

/// A small Avalon with wall power that no meter agrees with.
pub const AVALON_WALL: Machine = machine(
    "avalon-wall",
    &[
        (
            "version",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":22,"Msg":"CGMiner versions","Description":"cgminer 4.11.1"}],"VERSION":[{"CGMiner":"4.11.1","API":"3.7","LVERSION":"1","PROD":"Avalon Nano3s","MODEL":"Nano3s","MAC":"02005e100005"}],"id":1}"#,
        ),
        AVALON_SUMMARY,
        (
            "devs",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":9,"Msg":"1 ASC(s)","Description":"cgminer 4.11.1"}],"DEVS":[{"ASC":0,"Name":"AVA10","MHS 1m":3900500.0}],"id":1}"#,
        ),
        (
            "stats",
            r#"{"STATUS":[{"STATUS":"S"}],"STATS":[{"Elapsed":20000,"MM ID0:Summary":"'STATS':{GHSspd[3900.5] GHSmm[4000.0] GHSavg[3890.1] PS[0 0 27500 4 0 3458 124] WALLPOWER[326]}"}],"id":1}"#,
        ),
    ],
);

const LUXOS_VERSION: (&str, &str) = (
    "version",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":22,"Msg":"LUXminer versions","Description":"LUXminer 2025.4.8"}],"VERSION":[{"API":"3.7","CompileTime":"x","LUXminer":"2025.4.8","Miner":"2025.4.8","Type":"Antminer S19k Pro"}],"id":1}"#,
);
const LUXOS_SUMMARY: (&str, &str) = (
    "summary",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":11,"Msg":"Summary","Description":"LUXminer 2025.4.8"}],"SUMMARY":[{"Elapsed":3600,"GHS 5s":59750.25,"GHS av":56900.5,"GHS 30m":61000,"Total MH":56900500.0,"Work Utility":11.5,"Difficulty Accepted":44000000,"Device Hardware%":0.0}],"id":1}"#,
);
const LUXOS_STATS: (&str, &str) = (
    "stats",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":70,"Msg":"LUXminer stats","Description":"LUXminer 2025.4.8"}],"STATS":[{"Type":"Antminer S19k Pro"},{"STATS":0,"Elapsed":3600,"GHS 5s":59750.25,"GHS av":56900.5}],"id":1}"#,
);
const LUXOS_CONFIG: (&str, &str) = (
    "config",
    r#"{"STATUS":[{"STATUS":"S","When":1,"Code":33,"Msg":"LUXminer config","Description":"LUXminer 2025.4.8"}],"CONFIG":[{"MACAddr":"02:00:5e:10:00:06","SerialNumber":"SN1","Hostname":"m","FeeStatus":"Ok","CurtailMode":"None","IsTuning":true,"NameplateTHS":120.5,"Profile":"290MHz","SystemStatus":"Normal"}],"id":1}"#,
);
const LUXOS_PROFILES: (&str, &str) = (
    "profiles",
    r#"{"STATUS":[{"STATUS":"S"}],"PROFILES":[{"Profile Name":"190MHz","Watts":784},{"Profile Name":"290MHz","Watts":1188}],"id":1}"#,
);
const LUXOS_TEMPS: (&str, &str) = (
    "temps",
    r#"{"STATUS":[{"STATUS":"S"}],"TEMPS":[{"ID":0,"TopLeft":55.5,"TopRight":40.0}],"id":1}"#,
);
const LUXOS_FANS: (&str, &str) = (
    "fans",
    r#"{"STATUS":[{"STATUS":"S"}],"FANS":[{"FAN":0,"ID":0,"RPM":1920,"Speed":20}],"id":1}"#,
);

/// LuxOS whose watts are no measurement.
pub const LUXOS: Machine = machine(
    "luxos",
    &[
        LUXOS_VERSION,
        LUXOS_SUMMARY,
        LUXOS_STATS,
        LUXOS_CONFIG,
        LUXOS_PROFILES,
        LUXOS_TEMPS,
        LUXOS_FANS,
        (
            "power",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":311,"Msg":"Power usage","Description":"LUXminer 2025.4.8"}],"POWER":[{"PSU":false,"Watts":1051}],"id":1}"#,
        ),
        ("/", "<html><title>Luxor Firmware</title></html>"),
    ],
);

/// LuxOS on a power supply that measures.
pub const LUXOS_METERED: Machine = machine(
    "luxos-metered",
    &[
        LUXOS_VERSION,
        LUXOS_SUMMARY,
        LUXOS_STATS,
        LUXOS_CONFIG,
        (
            "power",
            r#"{"STATUS":[{"STATUS":"S"}],"POWER":[{"PSU":true,"Watts":1210}],"id":1}"#,
        ),
    ],
);

/// Auradine at rest, whose average is an eighth of the other counters.
pub const AURADINE: Machine = machine(
    "auradine",
    &[
        (
            "version",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":22,"Msg":"GCMiner versions","Description":"GCMiner-1.0"}],"VERSION":[{"API":"1.0","GCMiner":"1.0"}],"id":1}"#,
        ),
        (
            "summary",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":11,"Msg":"Summary","Description":"GCMiner-1.0"}],"SUMMARY":[{"Elapsed":56000,"MHS 5s":158000000.5,"MHS av":19900000.25,"Difficulty Accepted":2000000000}],"id":1}"#,
        ),
        (
            "psu",
            r#"{"STATUS":[{"STATUS":"S"}],"PSU":[{"Vin":"244.50V","Iin":"0.27A","PowerIn":"61.20W","PowerOut":"0.00W","FanSpeed1":"4052.00 RPM"}],"id":1}"#,
        ),
        (
            "mode",
            r#"{"STATUS":[{"STATUS":"S"}],"Mode":[{"Mode":"custom","Power":2000,"Sleep":"off","Ths":160}],"id":1}"#,
        ),
        (
            "devdetails",
            r#"{"STATUS":[{"STATUS":"S","When":1,"Code":69,"Msg":"Device Details","Description":"FluxOS"}],"DEVDETAILS":[{"DEVDETAILS":0,"ID":0,"Name":"AT2880","Driver":"AT1A","Model":"AT2880"}],"id":1}"#,
        ),
        (
            "temperature",
            r#"{"STATUS":[{"STATUS":"S"}],"Temperature":[{"ID":0,"ChipTemp":null},{"ID":1,"ChipTemp":[{"ID":0,"Temperature":45.5}]}],"id":1}"#,
        ),
        (
            "fan",
            r#"{"STATUS":[{"STATUS":"S"}],"Fan":[{"ID":1,"Speed":7080}],"id":1}"#,
        ),
    ],
);

/// All of them.
pub static ALL: &[Machine] = &[
    ANTMINER,
    ANTMINER_NEW,
    WHATSMINER,
    WHATSMINER_UNKNOWN_POWER,
    WHATSMINER_3,
    AVALON,
    AVALON_IDLE,
    AVALON_WALL,
    LUXOS,
    LUXOS_METERED,
    AURADINE,
    BITAXE,
    NERDAXE,
    BRAIINS,
    BRAIINS_GUEST,
    VNISH,
    VNISH_CLOSED,
    EPIC,
    PROTO,
];
