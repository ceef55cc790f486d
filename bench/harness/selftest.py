"""Tests of the harness's own arithmetic and parsing: bench/run --self-test."""

import unittest

import chart
import load
import ratios
import report
import targets
from variants import PROXIES, all_variants, fill


def slices(*rows):
    return [{"round": r, "variant": v, "time": t, "cpu_us": c, "rps": 1e6 / c, "p99_ms": c / 10} for r, v, t, c in rows]


class Ratios(unittest.TestCase):
    def test_a_variant_as_dear_as_the_base_is_1_however_the_machine_drifts(self):
        drifting = slices((0, "base", 0, 30), (0, "a", 1, 33), (0, "b", 2, 36), (0, "base", 3, 39), (1, "b", 4, 42), (1, "a", 5, 45), (1, "base", 6, 48))
        for of in ratios.paired(drifting, "base", lambda s: s["cpu_us"]).values():
            for ratio in of.values():
                self.assertAlmostEqual(1, ratio)

    def test_every_round_begins_with_another_variant_and_has_a_base_on_either_side(self):
        self.assertEqual([None, "a", "b", None, "c", None], ratios.plan(["a", "b", "c"], 0))
        self.assertEqual([None, "b", "c", None, "a", None], ratios.plan(["a", "b", "c"], 1))
        self.assertEqual([None], ratios.plan([], 3))

    def test_a_variant_is_compared_with_another_round_by_round(self):
        measured = slices((0, "base", 0, 10), (0, "a", 1, 20), (0, "b", 2, 10), (0, "base", 3, 10), (1, "a", 4, 40), (1, "b", 5, 20), (1, "base", 6, 10))
        self.assertEqual(2, ratios.against(measured, "base", "a", "b", lambda s: s["cpu_us"])["median"])

    def test_a_slice_without_the_figure_is_left_out(self):
        measured = slices((0, "base", 0, 10), (0, "a", 1, 20), (0, "base", 2, 10))
        self.assertEqual({}, ratios.paired(measured, "base", lambda s: s.get("nothing")))


class Parsing(unittest.TestCase):
    def test_wrk(self):
        result = load.wrk('x\nBENCH {"requests":52174,"duration_us":1000000,"bytes":1,"p50_us":64,"p99_us":1305,"max_us":9,"connect":1,"read":0,"write":0,"status":2,"timeout":0}\n')
        self.assertEqual((52174, 0.064, 1.305, 3), (result["rps"], result["p50_ms"], result["p99_ms"], result["errors"]))

    def test_percentile(self):
        self.assertEqual(99, load.percentile(list(range(100)), 0.99))
        self.assertEqual(0, load.percentile([], 0.99))

    def test_browser_requests_have_12_headers(self):
        self.assertEqual(11, len(load.browser_headers(1)))  # and Host
        lua = (load.WRK / "browser.lua").read_text()
        for name in load.browser_headers(1):
            self.assertIn(f'["{name}"]', lua)


class Report(unittest.TestCase):
    def test_a_target_not_measured_is_neither_met_nor_missed(self):
        self.assertEqual({None}, {row["met"] for row in targets.verdicts({})})

    def test_verdicts_and_tables(self):
        names = ("base", "gateway-anonymous", "gateway-signed-in", "nginx-auth-cache", "nginx-auth")
        measured = slices(*[(0, v, t, c) for t, (v, c) in enumerate(zip((*names, "base"), (10, 9, 11, 10, 100, 10)))])
        for s in measured:
            s |= {"requests": 10, "errors": 0, "whoami": 1, "other_cpu": 0.1, "stolen_cpu": 0, "log_bytes": 200, "scraped_bytes": 900, "upstream_cpu_us": 5, "p50_ms": 1}
        from comparison import summarise
        record = {"title": "Small", "shape": "GET", "base": "base", "rounds": 1, "slice_seconds": 5, "warmup_seconds": 15, "date": "2026-01-01T00:00:00", "commit": "abc",
                  "absent": [{"key": "x", "title": "X", "reason": "a | b"}], "slices": measured, "variants": summarise(measured, "base", {n: Named(n) for n in names})}
        rows = {row["target"]: row["met"] for row in targets.verdicts({"small": record})}
        self.assertIs(True, rows["CPU per request, anonymous, vs bare YARP"])
        self.assertIs(True, rows["Throughput at 32 connections vs nginx auth_request with proxy_cache"])
        self.assertIs(False, rows["CPU per request, signed in (cache hit, four identity headers, metrics and access log on), vs bare YARP"])
        self.assertIs(False, rows["p99 at 32 connections vs nginx auth_request with proxy_cache"])
        text = report.markdown({"date": "2026-01-01T00:00:00", "commit": "abc", "machine": {"cpu": "c", "cores": 2, "memory_gb": 1, "os": "o", "kernel": "k"}, "versions": {}, "scenarios": {"small": record}}, "c.svg")
        self.assertIn("**missed**", text)
        self.assertIn("absent: a ¦ b", text)
        self.assertIn("</svg>", chart.svg(record))

    def test_the_block_of_a_document_is_replaced_and_the_rest_kept(self):
        import pathlib
        import tempfile
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "p.md"
            file.write_text(f"# P\n\nabove\n\n{report.BEGIN}\nold\n{report.END}\n\nbelow\n")
            report.update_document(file, "new\n")
            report.update_document(file, "newer\n")
            self.assertEqual(f"# P\n\nabove\n\n{report.BEGIN}\nnewer\n{report.END}\n\nbelow\n", file.read_text())


class Variants(unittest.TestCase):
    def test_keys_are_unique_and_every_placeholder_of_a_proxy_file_is_known(self):
        import pathlib
        import tempfile
        keys = [v.key for v in all_variants()]
        self.assertEqual(len(keys), len(set(keys)))
        known = dict.fromkeys(("UPSTREAM", "SESSIONS", "PORT", "PORT2", "PORT3", "H2", "USER", "CADDY_H2", "HAPROXY_H2", "DIR"), 1)
        with tempfile.TemporaryDirectory() as directory:
            for file in PROXIES.iterdir():
                fill(file.name, pathlib.Path(directory) / file.name, known)


class Named:
    def __init__(self, name):
        self.title, self.note = name, ""


def run():
    result = unittest.TextTestRunner(verbosity=1).run(unittest.TestLoader().loadTestsFromModule(__import__("selftest")))
    print(f"{result.testsRun - len(result.failures) - len(result.errors)} passed, {len(result.failures) + len(result.errors)} failed")
    return 0 if result.wasSuccessful() else 1
