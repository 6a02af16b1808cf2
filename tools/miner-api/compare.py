"""A second opinion on the claims of miners: pyasic-rs reads the same emulated machines.

    python3 -m venv target/pyasic
    target/pyasic/bin/pip install -r tools/miner-api/requirements.txt
    cargo build -p perwatt-miner --examples
    target/pyasic/bin/python tools/miner-api/compare.py [target/debug/examples]

For each machine, each field is shown as perwatt and as pyasic-rs read it. Differences that
are known have their reason below; any other one, and a known one that is gone, is a failure
(exit 1). The machines listen on loopback addresses at the usual ports, of which 80 needs
the right to open it (root).
"""

import asyncio
import importlib.metadata
import json
import pathlib
import subprocess
import sys

VERSION = "0.8.6"
ADDRESS = "127.77.1.1"
PORTS = (80, 4028, 4433)

# What differs, and why: machine, fields, reason. "all": only one of the two reads the machine.
REASONS = """
antminer: nominal uptime fans: its JSON lacks commas, which perwatt forgives
antminer: version: pyasic-rs asks the web server, with a login
antminer-new: nominal uptime fans: its JSON lacks commas, which perwatt forgives
antminer-new: version: pyasic-rs asks the web server, with a login
whatsminer-unknown-power: rate nominal limit uptime: its JSON has keys in an array, which perwatt forgives
avalon: limit: pyasic-rs takes the seventh figure of PS, whose meaning is not documented
avalon: version: pyasic-rs asks for a field that only newer ones have
avalon-idle: power: pyasic-rs takes the sixth figure of PS, a setting, as the watts of a machine at rest
avalon-idle: version: pyasic-rs shows the version of cgminer
avalon-wall: power: pyasic-rs takes the sixth figure of PS, a setting, although WALLPOWER is there
avalon-wall: version: pyasic-rs asks for a field that only older ones have
luxos: nominal: pyasic-rs asks for the boards, which are not emulated
luxos: limit: pyasic-rs takes the profile's watts as a limit; perwatt claims them as a nameplate
luxos-metered: nominal: pyasic-rs asks for the boards, which are not emulated
auradine: nominal power limit fans: pyasic-rs asks the web server, with a login
braiins: nominal: pyasic-rs takes the sticker, perwatt the tuner's first; it claims both
braiins: uptime: pyasic-rs takes the system's, perwatt the mining program's
braiins-guest: all: pyasic-rs logs in, or reads nothing
vnish: nominal: pyasic-rs takes the stock rate, perwatt the preset's first; it claims both
vnish: uptime: pyasic-rs takes the system's
epic: limit: pyasic-rs does not read the preset
proto: uptime: pyasic-rs takes the system's, perwatt the mining program's
"""


def known():
    """The reasons by machine and field."""
    rows = (row.split(": ", 2) for row in REASONS.strip().splitlines())
    return {(machine, field): why for machine, fields, why in rows for field in fields.split()}


TH = 1e12


def close(one, other):
    """True if two readings are equal but for rounding."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, sorted(one), sorted(other)))
    if one is None or other is None or isinstance(one, str):
        return one == other
    return abs(one - other) <= 1e-6 * max(abs(one), abs(other))


def by_perwatt(examples):
    """The fields of perwatt's report."""
    asked = subprocess.run(
        [examples / "ask", f"auto={ADDRESS}"], capture_output=True, text=True, check=False
    )
    if asked.returncode != 0:
        return None
    report = json.loads(asked.stdout)

    def claims(quantity):
        return [c for c in report["claims"] if c["quantity"] == quantity]

    def first(quantity):
        return next((c["value"] for c in claims(quantity)), None)

    def tera(value):
        return None if value is None else value / TH

    return {
        "rate": tera(first("rate-now")),
        "nominal": tera(first("rate-nominal")),
        "power": first("power"),
        "limit": first("power-limit"),
        "uptime": first("uptime"),
        "fans": [c["value"] for c in claims("fan") if c.get("note") != "power supply"],
        "version": report["identity"].get("version"),
    }


async def by_pyasic():
    """The same fields of pyasic-rs; None if it does not know the machine."""
    from pyasic_rs import MinerFactory

    miner = await MinerFactory().get_miner(ADDRESS)
    if miner is None:
        return None
    data = (await miner.get_data()).model_dump()

    def rate(field):
        found = data[field]
        scale = {"TH/s": 1.0, "GH/s": 1e-3, "MH/s": 1e-6}
        return None if found is None else found["value"] * scale[found["unit"]]

    target = data["tuning_target"]
    power = target is not None and target["type"] == "power"
    uptime = data["uptime"]
    return {
        "rate": rate("hashrate"),
        "nominal": rate("expected_hashrate"),
        "power": data["wattage"],
        "limit": target["value"] if power else None,
        "uptime": None if uptime is None else uptime.total_seconds(),
        "fans": [fan["rpm"] for fan in data["fans"]],
        "version": data["firmware_version"],
    }


def both(examples, machine):
    """Both readings of one machine."""
    ports = [f"{ADDRESS}:{port}" for port in PORTS]
    emulator = subprocess.Popen(
        [examples / "emulator", machine, *ports],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for port in ports:
            if emulator.stdout.readline().strip() != port:
                sys.exit(f"error: {port} cannot be opened; is it in use, and are you root?")
        return by_perwatt(examples), asyncio.run(asyncio.wait_for(by_pyasic(), 60))
    finally:
        emulator.stdin.close()
        emulator.wait(10)


def shown(value):
    """A reading in a few characters."""
    if value is None or value == []:
        return "-"
    if isinstance(value, list):
        return " ".join(shown(part) for part in value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)[:22]


def main():
    examples = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/debug/examples")
    try:
        installed = importlib.metadata.version("pyasic-rs")
    except importlib.metadata.PackageNotFoundError:
        sys.exit("error: pip install -r tools/miner-api/requirements.txt")
    if installed != VERSION:
        sys.exit(f"error: this is for pyasic-rs {VERSION}; {installed} is installed")
    machines = subprocess.run(
        [examples / "emulator"], capture_output=True, text=True, check=True
    ).stdout.split()
    failures, seen, reasons = 0, set(), known()
    print(f"{'machine':<25}{'field':<9}{'perwatt':<24}{'pyasic-rs ' + VERSION}")
    for machine in machines:
        ours, theirs = both(examples, machine)
        both_or_none = (ours is None) == (theirs is None)
        ours, theirs = ours or {}, theirs or {}
        for field in ours | theirs or {"all": None}:
            one, other = ours.get(field), theirs.get(field)
            key = (machine, field if both_or_none else "all")
            end = ""
            if not both_or_none or not close(one, other):
                seen.add(key)
                failures += key not in reasons
                end = f" # {reasons.get(key, 'UNEXPECTED')}"
            print(f"{machine:<25}{field:<9}{shown(one):<24}{shown(other):<24}{end}".rstrip())
    for machine, field in sorted(set(reasons) - seen):
        print(f"{machine}, {field}: no longer differs; remove it from the list")
        failures += 1
    print(f"{failures} unexpected" if failures else "every difference is a known one")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
