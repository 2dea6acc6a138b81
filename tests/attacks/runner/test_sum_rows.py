"""What sum_rows.py makes of rows."""
import unittest

import sum_rows

SEEN = "challenge:+1.0 geometry:-0.5 parallax:missing passive:-2.0(looks_like_a_medium) sum:-1.5"
STOPPED = "challenge:veto(flat) geometry:+0.2 sum:+0.2"


def row(outcome, evidence, species="print_flat", reason="liveness"):
    return {"species": species, "outcome": outcome, "reason": reason, "evidence": evidence}


class SumRows(unittest.TestCase):
    def test_intervals_are_exact(self):
        self.assertEqual([round(end, 1) for end in sum_rows.interval(0, 25)], [0, 13.7])
        self.assertEqual([round(end, 1) for end in sum_rows.interval(6, 25)], [9.4, 45.1])
        self.assertEqual([round(end, 1) for end in sum_rows.interval(25, 25)], [86.3, 100])

    def test_a_layer_that_was_not_measured_counts_neither_way(self):
        rows = [row("refused", SEEN), row("refused", STOPPED), row("no_response", "")]
        self.assertEqual(sum_rows.favoured(rows, "parallax"), (0, 0))
        self.assertEqual(sum_rows.favoured(rows, "passive"), (0, 1))

    def test_a_veto_counts_against(self):
        rows = [row("refused", SEEN), row("refused", STOPPED)]
        self.assertEqual(sum_rows.favoured(rows, "challenge"), (1, 2))

    def test_a_layer_alone_lets_nobody_pass_whom_it_did_not_measure(self):
        rows = [row("refused", SEEN), row("refused", STOPPED), row("no_response", "")]
        self.assertEqual(sum_rows.line_alone("print_flat", rows),
                         ["`print_flat`", "33.3 % (0.8 to 90.6)", "33.3 % (0.8 to 90.6)",
                          "0.0 % (0.0 to 70.8)"])

    def test_layers_together_let_pass_by_their_sum(self):
        both = ("geometry", "parallax")
        for evidence, passes in (("geometry:+0.7 parallax:-0.5", True),
                                 ("geometry:+0.5 parallax:-0.7(code)", False),
                                 ("geometry:+0.5 parallax:missing", True),
                                 ("geometry:+0.5 parallax:unmeasured(code)", True),
                                 ("geometry:-0.0 parallax:-0.0", False),
                                 ("geometry:+1.5 parallax:veto(flat)", False),
                                 ("geometry:missing passive:+2.0", False)):
            self.assertEqual(sum_rows.lets_pass(row("refused", evidence), both), passes, evidence)

    def test_errors_are_acceptances_of_attacks_and_refusals_of_people(self):
        outcomes = (("accepted", SEEN), ("refused", STOPPED), ("no_response", ""))
        for species, share in (("print_flat", "33.3"), ("bona_fide", "66.7")):
            rows = [row(*outcome, species) for outcome in outcomes]
            self.assertEqual(sum_rows.line(species, rows)[3].split(" %")[0], share)

    def test_errors_are_told_by_reason_and_by_what_spoke_against(self):
        rows = [row("accepted", SEEN, "bona_fide"),
                *[row("refused", STOPPED, "bona_fide", "timeout")] * 2,
                row("refused", SEEN, "bona_fide")]
        self.assertEqual(
            sum_rows.lines_of_errors("bona_fide", rows),
            [["`bona_fide`", "2", "refused", "timeout", "challenge(flat)"],
             ["`bona_fide`", "1", "refused", "liveness",
              "geometry parallax passive(looks_like_a_medium)"]])
        self.assertEqual(sum_rows.lines_of_errors("mask", [row("refused", STOPPED)]), [])


if __name__ == "__main__":
    unittest.main()
