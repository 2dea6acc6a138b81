"""What sum_rows.py makes of rows."""
import unittest

import sum_rows

SEEN = "challenge:+1.0 geometry:-0.5 parallax:missing passive:-2.0(looks_like_a_medium) sum:-1.5"
STOPPED = "challenge:veto(flat) geometry:+0.2 sum:+0.2"


def row(outcome, evidence):
    return {"outcome": outcome, "evidence": evidence}


class SumRows(unittest.TestCase):
    def test_intervals_are_exact(self):
        self.assertEqual([round(end, 1) for end in sum_rows.interval(0, 25)], [0, 13.7])
        self.assertEqual([round(end, 1) for end in sum_rows.interval(6, 25)], [9.4, 45.1])
        self.assertEqual([round(end, 1) for end in sum_rows.interval(25, 25)], [86.3, 100])

    def test_a_layer_that_was_not_measured_counts_neither_way(self):
        rows = [row("refused", SEEN), row("refused", STOPPED), row("no_response", "")]
        self.assertEqual(sum_rows.layer_share(rows, "parallax"), "0/0")
        self.assertEqual(sum_rows.layer_share(rows, "passive"), "0/1")

    def test_a_veto_counts_against(self):
        rows = [row("refused", SEEN), row("refused", STOPPED)]
        self.assertEqual(sum_rows.layer_share(rows, "challenge"), "1/2")

    def test_errors_are_acceptances_of_attacks_and_refusals_of_people(self):
        rows = [row("accepted", SEEN), row("refused", STOPPED), row("no_response", "")]
        self.assertEqual(sum_rows.line("print_flat", rows)[3].split(" %")[0], "33.3")
        self.assertEqual(sum_rows.line("bona_fide", rows)[3].split(" %")[0], "66.7")


if __name__ == "__main__":
    unittest.main()
