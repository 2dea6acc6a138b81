#!/usr/bin/python3 -B
"""What build-aar made: the AAR and everything in it. AAR_FOLDER is where."""
import io
import json
import os
import re
import struct
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree
import zipfile

FOLDER = os.environ["AAR_FOLDER"]
PHRASES = os.environ["PHRASES"]
AAR = os.path.join(FOLDER, "imi-sdk.aar")
ANDROID = "{http://schemas.android.com/apk/res/android}"
ABIS = {"arm64-v8a": (64, 0xB7), "armeabi-v7a": (32, 0x28), "x86_64": (64, 0x3E)}
LANGUAGES = {"en": "values", "cmn": "values-zh", "yue": "values-zh-rHK"}
BUDGET = 32 * 1024
JAVA_8 = 52


class Aar(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aar = zipfile.ZipFile(AAR)
        cls.addClassCleanup(cls.aar.close)
        cls.jar = zipfile.ZipFile(io.BytesIO(cls.aar.read("classes.jar")))

    def test_it_has_what_an_aar_has_and_nothing_else(self):
        expected = {"AndroidManifest.xml", "classes.jar", "R.txt", "proguard.txt",
                    *(f"jni/{abi}/libimi_core.so" for abi in ABIS),
                    *(f"res/{folder}/imi_phrases.xml" for folder in LANGUAGES.values())}
        self.assertEqual(set(self.aar.namelist()), expected)

    def test_it_asks_for_the_least(self):
        manifest = ElementTree.fromstring(self.aar.read("AndroidManifest.xml"))
        self.assertEqual(manifest.find("uses-sdk").get(ANDROID + "minSdkVersion"), "23")
        self.assertEqual(
            {node.get(ANDROID + "name") for node in manifest.findall("uses-permission")},
            {"android.permission.CAMERA", "android.permission.INTERNET",
             "android.permission.VIBRATE"})

    def test_classes_are_java_8_and_ours(self):
        names = self.jar.namelist()
        self.assertIn("org/imi/sdk/Verification.class", names)
        self.assertIn("org/imi/sdk/android/ImiAndroid.class", names)
        for name in names:
            with self.subTest(name=name):
                self.assertTrue(name.startswith("org/imi/sdk/"))
                self.assertNotRegex(name, r"/R(\$\w+)?\.class$")
                magic, _, version = struct.unpack(">IHH", self.jar.read(name)[:8])
                self.assertEqual((magic, version), (0xCAFEBABE, JAVA_8))

    def test_what_is_not_of_android_names_nothing_of_android(self):
        for name in self.jar.namelist():
            if "/sdk/android/" not in name:
                with self.subTest(name=name):
                    self.assertNotRegex(self.jar.read(name), rb"[^\w/]android/\w")

    def test_libraries_are_small_and_export_one_symbol(self):
        for abi, (bits, machine) in ABIS.items():
            with self.subTest(abi=abi):
                library = self.aar.read(f"jni/{abi}/libimi_core.so")
                self.assertLess(len(library), BUDGET)
                self.assertEqual(library[4], bits // 32)
                self.assertEqual(struct.unpack_from("<H", library, 18)[0], machine)
                path = os.path.join(FOLDER, "aar/jni", abi, "libimi_core.so")
                symbols = subprocess.run(["llvm-nm", "-D", "--format=just-symbols", path],
                                         check=True, capture_output=True, text=True).stdout
                self.assertEqual(symbols.split(), ["JNI_OnLoad"])

    def test_libraries_need_no_other_and_suit_pages_of_16_kb(self):
        for abi in ABIS:
            with self.subTest(abi=abi):
                path = os.path.join(FOLDER, "aar/jni", abi, "libimi_core.so")
                told = subprocess.run(["llvm-readelf", "-dlW", path], check=True,
                                      capture_output=True, text=True).stdout
                self.assertNotIn("NEEDED", told)
                self.assertNotIn("TEXTREL", told)
                self.assertNotRegex(told, r"LOAD.*RWE")
                loads = re.findall(r"^ +LOAD .* (0x\w+)$", told, re.MULTILINE)
                self.assertTrue(loads)
                self.assertEqual(set(loads), {"0x4000"})

    def test_every_phrase_is_there_in_every_language(self):
        for language, folder in LANGUAGES.items():
            with open(os.path.join(PHRASES, language + ".json"), encoding="utf-8") as file:
                phrases = json.load(file)
            tree = ElementTree.fromstring(self.aar.read(f"res/{folder}/imi_phrases.xml"))
            texts = {node.get("name"): node.text for node in tree}
            with self.subTest(language=language):
                self.assertEqual(
                    {name: text.replace("\\'", "'").replace('\\"', '"')
                     for name, text in texts.items()},
                    {"imi_" + name: phrase["text"] for name, phrase in phrases.items()})

    def test_the_list_of_resources_has_the_phrases(self):
        lines = self.aar.read("R.txt").decode().splitlines()
        self.assertTrue(all(re.fullmatch(r"int string imi_\w+ 0x[0-9a-f]{8}", line)
                            for line in lines), lines)
        self.assertGreater(len(lines), 30)

    def test_the_sample_app_was_compiled_against_it(self):
        path = os.path.join(FOLDER, "sample/org/imi/sample/VerifyActivity.class")
        self.assertTrue(os.path.exists(path))


if __name__ == "__main__":
    unittest.main()
