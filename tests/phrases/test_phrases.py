"""Texts of the phrases: complete, in their own letters, short enough to read and to hear."""
import json
import os
import pathlib
import re
import unittest

MOBILE = pathlib.Path(os.environ["IMI_SOURCE"]) / "mobile-sdk"
LANGUAGES = ("cmn", "yue", "en")

# Characters that only one of the two scripts has, of those that these phrases need.
SIMPLIFIED = set("这请边张开闭脸头转远对准机画间动点强让环网络连继续发页关选择个说时没还经办给谢")
TRADITIONAL = set("這請邊張開閉臉頭轉遠對準機畫間動點強讓網絡連繼續發頁關選擇個說時沒還經辦給謝")
# Words of written Chinese that nobody says in Cantonese, and spoken ones that are not written.
ONLY_WRITTEN = ("的", "是", "們", "沒有", "不要", "現在", "這")
ONLY_SPOKEN = set("嘅唔喺咗嗰啲冇攞撳睇嚟佢")
# A person is told what to do, never what they are thought to be.
ACCUSING = re.compile(r"fake|fraud|suspect|attack|spoof|reject|fail|error|invalid|假|疑|欺|攻|拒|败|敗|錯誤|错误",
                      re.IGNORECASE)


def codes():
    header = (MOBILE / "core/include/imi_core/codes.h").read_text("utf-8")
    table = header.split("#define IMI_CORE_PHRASES(X)")[1].split("/**")[0]
    return re.findall(r'X\(\w+, \d+, "(\w+)"\)', table)[1:]


def phrases(language):
    return json.loads((MOBILE / f"phrases/{language}.json").read_text("utf-8"))


def texts(language, *fields):
    for name, phrase in phrases(language).items():
        for field in fields or ("text", "spoken"):
            yield f"{language} {name} {field}", phrase[field]


class Phrases(unittest.TestCase):
    def check(self, language, holds, *fields):
        for where, text in texts(language, *fields):
            self.assertTrue(holds(text), f"{where}: {text}")

    def test_names_are_those_of_the_core_in_its_order(self):
        self.assertGreater(len(codes()), 30)
        for language in LANGUAGES:
            self.assertEqual(list(phrases(language)), codes())

    def test_each_has_a_text_and_what_is_said_and_nothing_else(self):
        for language in LANGUAGES:
            for name, phrase in phrases(language).items():
                self.assertEqual(list(phrase), ["text", "spoken"], f"{language} {name}")

    def test_chinese_is_free_of_latin_letters_and_digits(self):
        for language in ("cmn", "yue"):
            self.check(language, lambda text: not re.search(r"[A-Za-z0-9]", text))

    def test_chinese_uses_its_own_punctuation(self):
        for language in ("cmn", "yue"):
            self.check(language, lambda text: not re.search(r"[ -~]", text))

    def test_english_is_plain_letters(self):
        self.check("en", lambda text: re.fullmatch(r"[A-Za-z .,:]+", text))

    def test_mandarin_is_simplified(self):
        self.check("cmn", lambda text: not set(text) & (TRADITIONAL - SIMPLIFIED))

    def test_cantonese_is_traditional(self):
        self.check("yue", lambda text: not set(text) & (SIMPLIFIED - TRADITIONAL))

    def test_cantonese_is_said_as_people_speak(self):
        self.check("yue", lambda text: not any(word in text for word in ONLY_WRITTEN), "spoken")

    def test_cantonese_is_shown_as_people_write(self):
        self.check("yue", lambda text: not set(text) & ONLY_SPOKEN, "text")

    def test_large_print_fits_two_lines(self):
        self.check("en", lambda text: 8 <= len(text) <= 32, "text")
        for language in ("cmn", "yue"):
            self.check(language, lambda text: 4 <= len(text) <= 12, "text")

    def test_large_print_is_one_thing_without_a_full_stop_at_its_end(self):
        for language in LANGUAGES:
            self.check(language, lambda text: text[-1] not in ".。,，", "text")

    def test_what_is_said_is_a_sentence_and_short(self):
        self.check("en", lambda text: text[-1] == "." and len(text) <= 110, "spoken")
        for language in ("cmn", "yue"):
            self.check(language, lambda text: text[-1] == "。" and len(text) <= 40, "spoken")

    def test_what_is_said_while_the_camera_runs_is_shorter(self):
        last = codes().index("nod")
        for language, most in (("en", 90), ("cmn", 25), ("yue", 25)):
            for name in codes()[:last + 1]:
                self.assertLessEqual(len(phrases(language)[name]["spoken"]), most, name)

    def test_left_and_right_are_the_person_s_own(self):
        for language, left, right, own in (("en", "left", "right", "your"), ("cmn", "左", "右", "您的"),
                                           ("yue", "左", "右", "你")):
            for name, side, other in (("turn_left", left, right), ("turn_right", right, left)):
                for field, text in phrases(language)[name].items():
                    self.assertIn(side, text, f"{language} {name} {field}")
                    self.assertNotIn(other, text, f"{language} {name} {field}")
                self.assertIn(own, phrases(language)[name]["spoken"], f"{language} {name}")

    def test_nobody_is_told_that_they_are_suspected(self):
        for language in LANGUAGES:
            self.check(language, lambda text: not ACCUSING.search(text))


if __name__ == "__main__":
    unittest.main()
