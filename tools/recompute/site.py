#!/usr/bin/env python3
"""Recomputes the money of `perwatt site` from the inputs that its JSON carries.

    python3 tools/recompute/site.py [PERWATT [DRAWS]]   both examples, by this program
    python3 tools/recompute/site.py --json FILE ...     reports that were saved

Every figure in dollars is computed a second time by the formulas of
docs/gap-and-site.md and must agree to 0.1 %. So are the quantiles and shares of
the draws, by the random numbers of the seed; 10,000 draws take minutes. Exit
code 1 if a figure disagrees.
"""
import json
import subprocess
import sys
from bisect import bisect_right
from math import ceil, floor, inf, sqrt
from statistics import NormalDist

DAYS = 365.25 / 12  # of a month
HOURS = 24 * DAYS
HALVING = 210_000 / 144  # days


class Curve:
    """Prices sorted, with sums from below and rises above each."""

    def __init__(self, prices, step_h):
        order = sorted(range(len(prices)), key=lambda i: prices[i])
        self.sorted = [prices[i] for i in order]
        self.sums = [0.0]
        for price in self.sorted:
            self.sums.append(self.sums[-1] + price)
        self.runs = [0] * (len(prices) + 1)
        above = set()
        for i in reversed(range(len(order))):
            at = order[i]
            beside = (at - 1 in above) + (at + 1 in above)
            above.add(at)
            self.runs[i] = self.runs[i + 1] + 1 - beside
        self.hours = step_h * len(prices)

    def cut(self, price):
        """Share of time at or below, mean price of it and of the rest, stops an hour."""
        n, below = len(self.sorted), bisect_right(self.sorted, price)
        mean = lambda total, count: total / count if count else 0.0
        low = mean(self.sums[below], below)
        high = mean(self.sums[n] - self.sums[below], n - below)
        return below / n, low, high, self.runs[below] / self.hours if below else 0.0


class Site:
    def __init__(self, report, changes=(), scale=()):
        self.p = {one["key"]: one["number"] for one in report["inputs"]} | dict(changes)
        self.scale = {"hashprice": 1.0, "rent": 1.0, "gpu": 1.0} | dict(scale)
        self.tenant_pays = report["settings"]["power_paid_by"] != "landlord"
        prices = report["prices"]
        self.curve = prices and report.setdefault("curve", None)
        if prices and not self.curve:
            self.curve = report["curve"] = Curve(prices["usd_per_mwh"], prices["step_h"])
        contract = (report["settings"]["prices"] or {}).get("contract")
        self.fixed_contract = contract == "fixed"
        self.n = ceil(self.p["finance.horizon_years"] * 12)
        index = self.curve and not self.fixed_contract
        self.flat = self.curve.sums[-1] / len(self.curve.sorted) if index else self.p["power.price_usd_per_mwh"]
        self.parts, self.flows = {}, {}
        self.network()

    def subsidy(self, day):
        passed = floor((day - self.p["network.halving"]) / HALVING + 1e-12) + 1
        return 3.125 * 0.5**passed

    def network(self):
        p = self.p
        fees, price = p["network.fees_btc_per_block"], p["network.btc_price_usd"] * self.scale["hashprice"]
        reward = lambda subsidy: 144 * (subsidy + fees) * price
        self.now = reward(self.subsidy(p["site.start"])) / (p["network.hashrate_eh_s"] * 1e3)
        least = min(24 * p["network.marginal_j_th"] * p["network.marginal_usd_per_mwh"] / 1000, self.now)
        best = min(1.0, p["network.best_j_th"] / p["network.marginal_j_th"])
        eh, self.hashprice = p["network.hashrate_eh_s"], []
        for m in range(self.n):
            t = (m + 0.5) / 12
            first = p["site.start"] + m * DAYS
            left = (p["network.halving"] - first) % HALVING or HALVING
            share = min(left / DAYS, 1.0)
            subsidy = self.subsidy(first) * share + self.subsidy(first + DAYS) * (1 - share)
            usd = reward(subsidy) * (1 + p["network.btc_growth_per_year"]) ** t
            marginal = least * max((1 - p["network.marginal_improvement_per_year"]) ** t, best)
            grown = eh * (1 + p["network.hashrate_growth_per_year"]) ** ((1.0 if m else 0.5) / 12)
            eh = min(grown, usd / marginal / 1e3)
            self.hashprice.append(usd / (eh * 1e3))

    # A month: revenue, MWh, power, credits, other cost, capital.
    ZERO = (0.0,) * 6

    def fleet(self, kind):
        p, months = self.p, self.p["newer.months_to_power"]
        if kind == "mining":
            return p["mining.efficiency_j_th"], p["mining.pue"], 0.0, p["mining.life_years"] * 12
        return p["newer.efficiency_j_th"], p["newer.pue"], months, months + p["newer.life_years"] * 12

    def worth(self, fleet, hashprice):
        return hashprice * (1 - self.p["mining.pool_fee"]) * 1000 / (24 * fleet[0] * fleet[1])

    def fixed(self):
        return self.p["mining.opex_usd_per_mwh"] * self.p["mining.opex_fixed_share"]

    def stop(self, value):
        return self.p["mining.stop_usd_per_mw"] + self.p["mining.restart_h"] * value

    def credit(self):
        p = self.p
        enrolled = p["demand_response.enrolled_share"] * p["demand_response.usd_per_mw_year"]
        return enrolled / (12 * HOURS * p["mining.uptime"])

    def ready(self, value, growth):
        """A MWh for which rigs are ready, and one while they are closed, without fixed costs."""
        p, credit = self.p, self.credit()
        adders, opex = p["power.adders_usd_per_mwh"], p["mining.opex_usd_per_mwh"] - self.fixed()
        left, stop = value + credit - adders - opex, self.stop(value)
        if self.curve:
            tried = [-inf, left, inf] + [left + stop / hours for hours in (24, 12, 6, 4, 3, 2, 1)]
            cuts = [self.curve.cut(price / growth) for price in tried]
        else:
            runs = self.flat * growth < left
            cuts = [(1.0, self.flat, 0.0, 0.0) if runs else (0.0, 0.0, self.flat, 0.0)]
        best = closed = None
        for running, low, high, stops in cuts:
            bought, sold = running * low * growth, 0.0
            if self.fixed_contract:
                bought, sold = p["power.price_usd_per_mwh"] * growth, (1 - running) * high * growth
            month = (running * value, running, bought + running * adders,
                     running * credit + sold, running * opex + stops * stop, 0.0)
            best = month if best is None or income(month) > income(best) else best
            closed = month if running == 0 and closed is None else closed
        return best, closed or self.ZERO

    def part(self, of):
        """Months that several uses share, computed once."""
        if of not in self.parts:
            self.parts[of] = self.hosting() if of == "hosting" else self.mined(self.fleet("mining"))
        return self.parts[of]

    def mined(self, fleet, until=inf):
        """Months of a fleet that closes when that leaves the most."""
        p, start, until = self.p, fleet[2], min(fleet[3], until)
        hours, both = p["mining.uptime"] * HOURS, []
        for m in range(min(ceil(until), self.n)):
            growth = (1 + p["power.growth_per_year"]) ** ((m + 0.5) / 12)
            best, closed = self.ready(self.worth(fleet, self.hashprice[m]), growth)
            both.append((times(plus(best, (0, 0, 0, 0, self.fixed(), 0)), hours), times(closed, hours)))
        both += [(self.ZERO, self.ZERO)] * (self.n - len(both))
        more = [(income(a) - income(b)) * (1 + p["finance.discount_rate"]) ** -((m + 0.5) / 12) for m, (a, b) in enumerate(both)]
        soonest = min(start + p["mining.notice_months"], until)
        tried = [soonest] + [m for m in range(floor(soonest) + 1, self.n) if m < until] + [until]
        worth = lambda end: sum(overlap(m, soonest, end) * usd for m, usd in enumerate(more[:ceil(end)]))
        end = max(tried, key=worth)
        return [plus(times(a, overlap(m, start, end)), times(b, overlap(m, end, until))) for m, (a, b) in enumerate(both)]

    def rigs_sold(self, m, at):
        p = self.p
        brings = 1e6 / (p["mining.pue"] * p["mining.efficiency_j_th"]) * p["mining.resale_usd_per_th"]
        return brings * once(m, at) * (at < p["mining.life_years"] * 12)

    def until_built(self, months_to_power):
        share = self.p["hosting.mining_during_build"]
        sold_at = months_to_power if share > 0 else 0.0
        mined = self.mined(self.fleet("mining"), months_to_power)
        return [plus(times(month, share), spent(-self.rigs_sold(m, sold_at))) for m, month in enumerate(mined)]

    def shell(self, m, start, end, residual):
        built = overlap(m, 0, start) / start if start >= 1 else once(m, 0)
        return built - residual * (start <= end and m + 1 == max(ceil(end), 1))

    def let_until(self):
        return min(self.p["hosting.months_to_power"] + self.p["hosting.term_years"] * 12, self.n)

    def hosting(self):
        p, start, end, months = self.p, self.p["hosting.months_to_power"], self.let_until(), []
        credited = min(p["hosting.outage_h_per_year"] * p["hosting.sla_credit_h"] / (12 * HOURS), 1.0)
        for m in range(self.n):
            let = overlap(m, start, end) * p["hosting.leased_share"]
            rent = 1000 / p["hosting.pue"] * p["hosting.rent_usd_per_kw_month"] * self.scale["rent"] * let
            mwh = p["hosting.load_share"] * HOURS * let
            price = self.flat * (1 + p["power.growth_per_year"]) ** ((m + 0.5) / 12) + p["power.adders_usd_per_mwh"]
            capital = p["hosting.capex_usd_per_mw"] / p["hosting.pue"] * self.shell(m, start, end, p["hosting.residual_share"])
            months.append((rent, mwh, 0.0 if self.tenant_pays else mwh * price, 0.0,
                           rent * (1 - p["hosting.noi_margin"] + credited), capital))
        return [plus(a, b) for a, b in zip(months, self.until_built(start))]

    def cloud_until(self):
        p = self.p
        once_only = p["cloud.months_to_power"] + p["cloud.life_years"] * 12
        return self.n if p["cloud.refresh"] > 0 else min(self.n, once_only)

    def cloud(self):
        p, start, end, months = self.p, self.p["cloud.months_to_power"], self.cloud_until(), []
        life, count = p["cloud.life_years"] * 12, 1000 / p["cloud.pue"] / p["cloud.kw_per_gpu"]
        worth = lambda age: p["cloud.residual_36_months"] ** (age / 36)
        within = lambda time, m: float(m <= time < m + 1)
        begun = lambda month: max(ceil((month - start) / life), 0)
        for m in range(self.n):
            active, age = overlap(m, start, end), max(m + 0.5 - start, 0) % life
            rent = p["cloud.rent_usd_per_gpu_hour"] * (1 - p["cloud.rent_decline_per_year"]) ** (age / 12)
            revenue = count * rent * p["cloud.sold_share"] * HOURS * active * self.scale["gpu"]
            price = self.flat * (1 + p["power.growth_per_year"]) ** ((m + 0.5) / 12) + p["power.adders_usd_per_mwh"]
            if end < self.n:
                traded = within(start, m) - within(end, m) * worth(life)
            else:
                started = begun(min(m + 1, self.n)) - begun(m)
                traded = started - (started - within(start, m)) * worth(life)
                if m + 1 >= self.n and start < self.n:
                    traded -= worth((self.n - start) % life or life)
            opex = 1000 / p["cloud.pue"] * p["cloud.opex_usd_per_kw_month"] * active + revenue * p["cloud.opex_share"]
            capital = p["cloud.capex_usd_per_mw"] / p["cloud.pue"] * self.shell(m, start, end, p["cloud.residual_share"])
            months.append((revenue, HOURS * active, HOURS * active * price, 0.0, opex,
                           capital + count * p["cloud.price_usd_per_gpu"] * traded))
        return [plus(a, b) for a, b in zip(months, self.until_built(start))]

    def flow(self, kind):
        """Months for the whole site, months to power, years of life."""
        if kind not in self.flows:
            self.flows[kind] = self.months_of(kind)
        return self.flows[kind]

    def months_of(self, kind):
        p, n = self.p, self.n
        if kind == "keep-mining":
            months, start, end = self.part("mining"), 0.0, self.fleet("mining")[3]
        elif kind == "sell-now":
            months, start, end = [spent(-self.rigs_sold(m, 0)) for m in range(n)], 0.0, n
        elif kind == "newer-asics":
            new = self.fleet("newer")
            bought = 1e6 / (new[1] * new[0]) * p["newer.price_usd_per_th"] + p["newer.capex_usd_per_mw"]
            both = zip(self.mined(new), self.mined(self.fleet("mining"), new[2]))
            paid = lambda m: bought * once(m, 0) - self.rigs_sold(m, new[2])
            months = [plus(plus(a, b), spent(paid(m))) for m, (a, b) in enumerate(both)]
            start, end = new[2], new[3]
        elif kind == "hosting":
            months, start, end = self.part("hosting"), p["hosting.months_to_power"], self.let_until()
        elif kind == "gpu-cloud":
            months, start, end = self.cloud(), p["cloud.months_to_power"], self.cloud_until()
        else:
            share = p["mixed.hosting_share"]
            both = zip(self.part("hosting"), self.part("mining"))
            months = [plus(times(a, share), times(b, 1 - share)) for a, b in both]
            start, ends = p["hosting.months_to_power"], [(share, self.let_until()), (1 - share, self.fleet("mining")[3])]
            end = max(end for part, end in ends if part > 0)
        return [times(month, p["site.gross_mw"]) for month in months], start, min(end, n) / 12

    def present(self, kind):
        rate = 1 + self.p["finance.discount_rate"]
        months = enumerate(self.flow(kind)[0])
        return total(times(month, rate ** -((m + 0.5) / 12)) for m, month in months)

    def npv(self, kind):
        return net(self.present(kind))

    def annual(self, kind):
        """Value over selling now as an annuity over the life of the use."""
        if kind == "sell-now":
            return 0.0
        r, years = self.p["finance.discount_rate"], self.flow(kind)[2]
        annuity = r / (1 - (1 + r) ** -years) if r > 0 else 1 / years
        return (self.npv(kind) - self.npv("sell-now")) * annuity


plus = lambda a, b: tuple(x + y for x, y in zip(a, b))
times = lambda a, k: tuple(x * k for x in a)
spent = lambda usd: (0.0, 0.0, 0.0, 0.0, 0.0, usd)
income = lambda month: month[0] + month[3] - month[2] - month[4]
net = lambda month: income(month) - month[5]
overlap = lambda m, start, end: max(min(end, m + 1) - max(start, m), 0.0)
once = lambda m, at: float(floor(at) == m)


def total(months):
    out = Site.ZERO
    for month in months:
        out = plus(out, month)
    return out


def plan(prices, step_h, value, stop):
    """The stops that gain most: power not bought, revenue lost, cost of stops."""
    run, off = (0.0, []), (-inf, [])  # gain, with the stopped intervals as a linked list
    for i, price in enumerate(prices):
        gain = (price - value) * step_h
        enter = (run[0] + gain - stop, (i, True, run[1]))
        stay = (off[0] + gain, (i, False, off[1]))
        run, off = (off if off[0] > run[0] else run), (stay if stay[0] >= enter[0] else enter)
    node, bought, hours, stops = max(run, off, key=lambda one: one[0])[1], 0.0, 0.0, 0
    while node:
        bought, hours, stops = bought + prices[node[0]] * step_h, hours + step_h, stops + node[1]
        node = node[2]
    return bought, hours * value, stops * stop


class Checks:
    def __init__(self, name):
        self.name, self.count, self.bad = name, 0, 0

    def same(self, what, printed, own, scale=0.0):
        """Both agree to 0.1 %, or to 0.1 % of `scale` where large sums cancel."""
        self.count += 1
        if printed is None or abs(printed - own) > 1e-3 * max(abs(own), 1e-3 * scale, 1e-6):
            self.bad += 1
            print(f"{self.name}: {what}: printed {printed}, recomputed {own:.8g}")

    def holds(self, what, condition):
        self.count += 1
        if not condition:
            self.bad += 1
            print(f"{self.name}: {what} does not hold")


def lines(of):
    return {line["id"]: line["value"] for line in of}


def check_use(checks, report, site, of):
    kind, found = of["kind"], lines(of["lines"])
    months, start, years = site.flow(kind)
    first = min(ceil(start), site.n)
    year, present = total(months[first:first + 12]), site.present(kind)
    size = abs(present[0]) + abs(present[5])
    own = dict(zip(["revenue_usd", "energy_mwh", "power_usd", "credit_usd", "opex_usd"], year))
    own |= {"income_usd": income(year), "npv_usd": net(present), "life_years": years}
    own["capex_usd"] = sum(month[5] for month in months[:floor(start) + 1])
    if kind != "sell-now":
        own["npv_over_sell_usd"] = net(present) - site.npv("sell-now")
        own["annual_over_sell_usd"] = site.annual(kind)
    if year[1] > 0:
        own["earned_usd_per_kwh"] = year[0] / year[1] / 1000
    for what, value in own.items():
        checks.same(f"{kind} {what}", found[what], value, size)
    signed = [present[0], present[3], -present[2], -present[4], -present[5], net(present)]
    for bar, value in zip(of["waterfall"], signed):
        checks.same(f"{kind} present value of {bar['label']}", bar["usd"], value, size)
    sum_usd = 0.0
    for m, (month, printed) in enumerate(zip(months, of["cumulative_usd"])):
        sum_usd += net(month)
        checks.same(f"{kind} money up to month {m}", printed, sum_usd, size)
    check_prices(checks, report, site, kind, found, size)


PRODUCT = {
    "hosting": ("rent", "hosting.rent_usd_per_kw_month"), "mixed": ("rent", "hosting.rent_usd_per_kw_month"),
    "gpu-cloud": ("gpu", "cloud.rent_usd_per_gpu_hour"),
}


def product(site, kind):
    scale, key = PRODUCT.get(kind, ("hashprice", None))
    return scale, site.p[key] if key else site.now


def check_prices(checks, report, site, kind, found, size):
    """At a break-even price the value is zero, or another use is worth as much."""
    at = lambda scale, factor: Site(report, scale={scale: factor})
    scale, now = product(site, kind)
    if found["break_even_npv"] is not None:
        value = at(scale, found["break_even_npv"] / now).npv(kind)
        checks.holds(f"{kind}: no NPV at {found['break_even_npv']:.6g}", abs(value) < 1e-3 * size)
    if found.get("ties_hashprice") is not None:
        tied = at("hashprice", found["ties_hashprice"] / site.now)
        over = tied.npv("keep-mining") - tied.npv(kind)
        checks.holds(f"{kind}: a tie with keep at {found['ties_hashprice']:.6g}", abs(over) < 1e-3 * size)
    if found["break_even_operating"] is not None and kind in ("keep-mining", "newer-asics"):
        fleet = site.fleet("mining" if kind == "keep-mining" else "newer")
        value = site.worth(fleet, found["break_even_operating"])
        checks.holds(f"{kind}: no income at {found['break_even_operating']:.6g}",
                     abs(income(site.ready(value, 1.0)[0]) - site.fixed()) < 1e-3 * value)


def check_stops(checks, report, site):
    p = site.p
    for of in report["curtailment"]["uses"]:
        kind, found = of["kind"], lines(of["lines"])
        if kind == "hosting":
            rent = p["hosting.rent_usd_per_kw_month"] * 1000 / p["hosting.pue"] / HOURS
            checks.same("SLA breach", found["sla_breach"], rent * p["hosting.sla_credit_h"])
            continue
        if kind == "gpu-cloud":
            months, start, _ = site.flow(kind)
            month, share = months[min(ceil(start), site.n - 1)], 1 - p["cloud.opex_share"]
            value = month[0] * share / month[1]
            per_h = month[0] * share / HOURS / p["site.gross_mw"]
            stop = per_h * (p["curtailment.restart_h"] + p["curtailment.checkpoint_h"] / 2)
        else:
            fleet = site.fleet("mining" if kind == "keep-mining" else "newer")
            earned = site.worth(fleet, site.hashprice[floor(fleet[2])])
            value, stop = earned - p["mining.opex_usd_per_mwh"] + site.fixed(), site.stop(earned)
        checks.same(f"{kind} stops above", found["stop_above"], value - p["power.adders_usd_per_mwh"])
        checks.same(f"{kind} cost of a stop", found["stop_cost"], stop)
        if report["prices"]:
            prices, step_h = report["prices"]["usd_per_mwh"], report["prices"]["step_h"]
            adders, mw = p["power.adders_usd_per_mwh"], p["site.gross_mw"]
            bought, lost, stops = plan([x + adders for x in prices], step_h, value, stop)
            checks.same(f"{kind} gained by stopping", found["gain_usd"], (bought - lost - stops) * mw)
            checks.same(f"{kind} revenue lost", found["lost_usd"], lost * mw)
            checks.same(f"{kind} restarts", found["restarts_usd"], stops * mw)


class Random:
    """ChaCha8 with the seed's key, draw by draw; see docs/gap-and-site.md."""

    def __init__(self, seed, stream):
        key, state = [], seed
        for _ in range(8):
            state = (state * 6364136223846793005 + 11634580027462260723) % 2**64
            x, by = ((state >> 18 ^ state) >> 27) % 2**32, state >> 59
            key.append((x >> by | x << 32 - by) % 2**32)
        self.start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *key]
        self.stream, self.block, self.words = stream, 0, []

    def uniform(self):
        if not self.words:
            self.words, self.block = self.chacha8(), self.block + 1
        low, high = self.words.pop(0), self.words.pop(0)
        return ((high << 32 | low) // 2**11 + 0.5) / 2**53

    def chacha8(self):
        start = [*self.start, self.block, 0, self.stream % 2**32, self.stream >> 32]
        x = start[:]
        for _ in range(4):
            for i in range(8):
                a, b, c, d = i % 4, 4 + (i + i // 4) % 4, 8 + (i + i // 4 * 2) % 4, 12 + (i + i // 4 * 3) % 4
                for left, add, right in ((16, b, d), (12, d, b), (8, b, d), (7, d, b)):
                    into = a if right == d else c
                    x[into] = (x[into] + x[add]) % 2**32
                    mixed = x[right] ^ x[into]
                    x[right] = (mixed << left | mixed >> 32 - left) % 2**32
        return [(a + b) % 2**32 for a, b in zip(x, start)]


TOGETHER = ["network." + key for key in (
    "hashrate_eh_s", "btc_price_usd", "fees_btc_per_block", "hashrate_growth_per_year", "btc_growth_per_year")]


def drawn(report, draw):
    """The parameters of a draw."""
    random, normal, changes = Random(report["monte_carlo"]["seed"], draw), NormalDist(), {}
    rho = next(one["number"] for one in report["inputs"] if one["key"] == "network.correlation")
    shared = sqrt(rho) * normal.inv_cdf(random.uniform())
    for one in report["inputs"]:
        if one["range_numbers"]:
            u, (low, high), top = random.uniform(), one["range_numbers"], one["number"]
            if one["key"] in TOGETHER:
                u = normal.cdf(shared + sqrt(1 - rho) * normal.inv_cdf(u))
            below = u < (top - low) / (high - low)
            changes[one["key"]] = (low + sqrt(u * (high - low) * (top - low)) if below
                                   else high - sqrt((1 - u) * (high - low) * (high - top)))
    return changes


def payback(months):
    """Months until the spending is recovered for good."""
    if not any(month[5] for month in months):
        return 0.0
    sums, below = [0.0], -1
    for m, month in enumerate(months):
        sums.append(sums[-1] + net(month))
        below = m if sums[-1] < 0 else below
    if below < 0 or below + 1 == len(months):
        return 0.0 if below < 0 else inf
    return below + 1 - sums[below + 1] / (sums[below + 2] - sums[below + 1])


def check_draws(checks, report, gross):
    """Quantiles and shares of the draws."""
    found = report["monte_carlo"]
    kinds = [of["kind"] for of in found["uses"]]
    sites = (Site(report, drawn(report, i)) for i in range(found["draws"]))
    draws = [[(site.npv(kind), site.annual(kind), payback(site.flow(kind)[0])) for kind in kinds] for site in sites]
    best = [max(kinds, key=lambda kind: draw[kinds.index(kind)][1]) for draw in draws]
    for i, of in enumerate(found["uses"]):
        kind = of["kind"]
        npv, annual, months = (sorted(column) for column in zip(*(draw[i] for draw in draws)))
        at = lambda values, q: values[max(ceil(q * len(values)), 1) - 1]
        above = lambda values: sum(usd > 0 for usd in values) / len(values)
        for name, values in ("npv_usd", npv), ("annual_over_sell_usd", annual):
            for q, printed in zip((0.05, 0.25, 0.5, 0.75, 0.95), of[name] or []):
                checks.same(f"draws {kind} {name} {q}", printed, at(values, q), gross[kind])
        for q, printed in zip((0.05, 0.5, 0.95), of["payback_months"]):
            checks.same(f"draws {kind} payback {q}", printed or 0.0, at(months, q) if at(months, q) < inf else 0.0)
        checks.same(f"draws {kind} pays", of["pays"], above(npv))
        checks.same(f"draws {kind} best", of["best"], best.count(kind) / len(best))
        if of["beats_selling"] is not None:
            checks.same(f"draws {kind} beats selling", of["beats_selling"], above(annual))


def check_network(checks, report, site):
    p = site.p
    for impact in report["network"]:
        rate = 0.0
        for state in impact["states"]:
            for name, one in state.items():
                if one["id"] == "network_eh_s":
                    rate = {n: s["value"] for n, s in state.items()}
                eh = rate[name]
                own = {
                    "match_rigs_usd": eh * 1e6 * p["security.rig_usd_per_th"],
                    "match_sites_usd": eh * p["security.rig_j_th"] * p["security.site_usd_per_mw"],
                    "match_rent_usd_per_day": site.now * eh * 1e3 * p["security.rent_premium"],
                    "settled_hashprice": site.now * p["network.hashrate_eh_s"] / eh,
                }.get(one["id"])
                if own is not None:
                    checks.same(f"network {impact['title']}: {one['label']} {name}", one["value"], own)


def check(name, report):
    checks, site = Checks(name), Site(report)
    uses = [of["kind"] for of in report["uses"]]
    gross = {kind: abs(site.present(kind)[0]) + abs(site.present(kind)[5]) for kind in uses}
    most = max(gross.values())
    checks.same("hashprice", report["hashprice_usd_per_ph_day"], site.now)
    for of in report["uses"]:
        check_use(checks, report, site, of)

    def advantage(kind, site):
        annual = {other: site.annual(other) for other in uses}
        others = [usd for other, usd in annual.items() if other != kind]
        return annual.get(kind, 0.0) - max(others, default=0.0)

    for of in report["summary"]["uses"]:
        kind = of["kind"]
        checks.same(f"summary {kind}", of["npv_usd"], site.npv(kind), gross[kind])
        checks.same(f"summary {kind} a year", of["annual_over_sell_usd"], site.annual(kind), gross[kind])
        if of["turn"]:
            factor = of["turn"]["at"] / of["turn"]["now"]
            sides = [Site(report, scale={product(site, kind)[0]: factor * (1 + d)}) for d in (-1e-3, 1e-3)]
            signs = [advantage(kind, side) > 0 for side in sides]
            checks.holds(f"{kind} turns at {of['turn']['at']:.6g}", signs[0] != signs[1])
    best = report["summary"]["best"]
    for turn in report["summary"]["turns"]:
        span = 1e-3 * (abs(turn["at"] - turn["now"]) + 1e-12)
        signs = [advantage(best, Site(report, {turn["key"]: turn["at"] + d})) > 0 for d in (-span, span)]
        checks.holds(f"{best} turns at {turn['key']} {turn['at']:.6g}", signs[0] != signs[1])
    ranges = {one["key"]: one["range_numbers"] for one in report["inputs"]}
    for swing in report["tornado"]:
        for end, printed in zip(ranges[swing["key"]], swing["advantage_usd_per_year"]):
            own = advantage(report["answer"], Site(report, {swing["key"]: end}))
            checks.same(f"{swing['key']} at {end:.6g}", printed, own, most)
    for course in report["courses"]:
        other = Site(report, dict(course["set"]))
        for case in course["uses"]:
            kind = case["kind"]
            checks.same(f"{course['name']} {kind}", case["npv_usd"], other.npv(kind), gross[kind])
            checks.same(f"{course['name']} {kind} a year", case["annual_over_sell_usd"], other.annual(kind), gross[kind])
    for deal in report["deals"]:
        if deal["hosting"]:
            other = Site(report, {term["key"]: term["value"] for term in deal["terms"]})
            checks.same(f"deal {deal['id']}", deal["hosting"]["npv_usd"], other.npv("hosting"), most)
    p, surface = site.p, report["surface"]
    for name_, besides in (("hashprice", p["power.adders_usd_per_mwh"] + p["mining.opex_usd_per_mwh"]), ("power_alone", 0)):
        for price, row in zip(surface["price_usd_per_mwh"], surface[name_]):
            for j_th, printed in zip(surface["efficiency_j_th"], row):
                own = 24 * j_th * p["mining.pue"] * (price + besides) / 1000 / (1 - p["mining.pool_fee"])
                checks.same(f"surface {j_th} J/TH at {price}", printed, own)
    check_stops(checks, report, site)
    check_network(checks, report, site)
    if report["monte_carlo"]:
        check_draws(checks, report, gross)
    print(f"{name}: {checks.count - checks.bad} of {checks.count} figures agree")
    return checks.bad == 0


def main(args):
    if args[:1] == ["--json"]:
        reports = [(path, open(path, encoding="utf-8").read()) for path in args[1:]]
    else:
        program, draws = (args + ["perwatt", "1000"][len(args):])[:2]
        ask = lambda name: [program, "site", "--example", name, "--format", "json", "--draws", draws]
        reports = [(name, subprocess.run(ask(name), check=True, capture_output=True, text=True).stdout)
                   for name in ("20mw", "200mw")]
    return 0 if all([check(name, json.loads(text)) for name, text in reports]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
