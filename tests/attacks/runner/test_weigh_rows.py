"""What weigh_rows.py makes of rows."""
import unittest

import weigh_rows


def rows(*evidence):
    return [{"evidence": text} for text in evidence]


class WeighRows(unittest.TestCase):
    def test_findings_are_of_the_kind_of_what_they_were_taken_for(self):
        for found, kind in (("-4.0", "below -3"), ("-3.0", "-3 to -1"), ("-0.3(code)", "-0.3 to 0.3"),
                            ("+0.3", "0.3 to 1"), ("+1.5", "1 and more"), ("veto(flat)", "veto"),
                            ("missing(timeout)", "not measured")):
            [row] = rows(f"challenge:+1.0 geometry:{found} sum:+9.0")
            self.assertEqual(weigh_rows.kind_of(row, "geometry"), kind)
            self.assertEqual(weigh_rows.kind_of(row, "parallax"), "not measured")

    def test_species_count_alike_and_living_people_are_no_attack(self):
        species = {"bona_fide": rows("camera:+0.4"), "other_person": rows("camera:+0.4") * 99,
                   "print": rows("camera:-4.0") * 20, "loop": rows("camera:+0.4") * 100,
                   "rare": rows("camera:+0.4") * 19}
        self.assertEqual(weigh_rows.share_of_attacks(species, "camera", "below -3"), 0.5)

    def test_the_logarithm_is_of_the_quotient_of_shares(self):
        self.assertEqual(weigh_rows.log_ratio(75, 150, 0.1), "+1.6 (+1.4 to +1.8)")
        self.assertEqual(weigh_rows.log_ratio(150, 150, 1.0), "+0.0 (-0.0 to +0.0)")

    def test_what_no_person_shows_has_an_upper_end_alone(self):
        self.assertEqual(weigh_rows.log_ratio(0, 150, 1.0), "below -3.7")

    def test_what_no_attack_shows_has_no_quotient(self):
        self.assertEqual(weigh_rows.log_ratio(3, 150, 0), "no attack")

    def test_lines_are_of_what_there_was(self):
        species = {"bona_fide": rows("camera:+0.4") * 150, "print": rows("camera:-4.0") * 150}
        self.assertEqual(list(weigh_rows.lines(species, "camera")),
                         [["`camera`", "below -3", "0/150", "100.0 %", "below -3.7"],
                          ["`camera`", "0.3 to 1", "150/150", "0.0 %", "no attack"]])


if __name__ == "__main__":
    unittest.main()
