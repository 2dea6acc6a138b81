#!/usr/bin/python3 -B
"""The package for Xcode: its list of properties, its libraries, its strings.

usage: test_package.py MOBILE_SDK_FOLDER OUT_FOLDER
"""
import json
import os
import plistlib
import re
import shutil
import struct
import subprocess
import sys
import unittest

TOOLS = ["clang", "llvm-ar", "llvm-nm"]
MH_MAGIC_64, CPU_ARM64, MH_OBJECT = 0xFEEDFACF, 0x0100000C, 1
LC_BUILD_VERSION, PLATFORM_IOS, PLATFORM_SIMULATOR = 0x32, 2, 7
PLATFORMS = {"ios-arm64": PLATFORM_IOS, "ios-arm64-simulator": PLATFORM_SIMULATOR}
LANGUAGES = {"cmn": "zh-Hans", "yue": "zh-HK", "en": "en"}


def read(*path, mode="rb"):
    with open(os.path.join(*path), mode, encoding=None if "b" in mode else "utf-8") as file:
        return file.read()


def platforms(content):
    """Of the build-version commands of a Mach-O object."""
    magic, cpu, _, kind, count = struct.unpack_from("<IIIII", content)
    assert (magic, cpu, kind) == (MH_MAGIC_64, CPU_ARM64, MH_OBJECT)
    at = 32
    for _ in range(count):
        command, size = struct.unpack_from("<II", content, at)
        if command == LC_BUILD_VERSION:
            yield struct.unpack_from("<I", content, at + 8)[0]
        at += size


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([os.path.join(SDK, "ios/make-package"), OUT], check=True)
        cls.framework = os.path.join(OUT, "ImiCore.xcframework")
        with open(os.path.join(cls.framework, "Info.plist"), "rb") as file:
            cls.info = plistlib.load(file)

    def libraries(self):
        return {library["LibraryIdentifier"]: library
                for library in self.info["AvailableLibraries"]}

    def test_the_list_names_what_is_there(self):
        self.assertEqual(self.info["CFBundlePackageType"], "XFWK")
        self.assertEqual(self.info["XCFrameworkFormatVersion"], "1.0")
        folders = {name for name in os.listdir(self.framework) if name != "Info.plist"}
        self.assertEqual(folders, set(self.libraries()))
        for name, library in self.libraries().items():
            folder = os.path.join(self.framework, name)
            self.assertTrue(os.path.isfile(os.path.join(folder, library["LibraryPath"])))
            self.assertTrue(os.path.isdir(os.path.join(folder, library["HeadersPath"])))
            self.assertEqual(library.get("SupportedPlatformVariant"),
                             "simulator" if name.endswith("simulator") else None)

    def test_objects_are_of_their_platform(self):
        for name, platform in PLATFORMS.items():
            library = os.path.join(self.framework, name, "libimi_core.a")
            objects = subprocess.run(["llvm-ar", "t", library], check=True, capture_output=True,
                                     text=True).stdout.split()
            self.assertGreater(len(objects), 10)
            for one in objects:
                content = subprocess.run(["llvm-ar", "p", library, one], check=True,
                                         capture_output=True).stdout
                self.assertEqual(list(platforms(content)), [platform], one)

    def test_every_function_of_the_core_is_in_it(self):
        wanted = {"_" + name for name in read(SDK, "core/symbols.txt", mode="r").split()}
        for name in PLATFORMS:
            library = os.path.join(self.framework, name, "libimi_core.a")
            listed = subprocess.run(["llvm-nm", "--defined-only", "--format=just-symbols", library],
                                    check=True, capture_output=True, text=True).stdout.split()
            self.assertLessEqual(wanted, set(listed))

    def test_the_module_names_a_header_that_compiles_alone(self):
        for name in PLATFORMS:
            headers = os.path.join(self.framework, name, "Headers")
            [header] = re.findall(r'umbrella header "(.*)"',
                                  read(headers, "module.modulemap", mode="r"))
            subprocess.run(["clang", "--target=arm64-apple-ios15.0", "-ffreestanding",
                            "-nostdlibinc", "-fsyntax-only", "-Werror", "-x", "c", "-I", headers,
                            os.path.join(headers, header)], check=True)

    def test_strings_are_the_phrases(self):
        for language, folder in LANGUAGES.items():
            text = read(OUT, "Resources", folder + ".lproj", "Localizable.strings", mode="r")
            # The format's quoting is that of JSON for what phrases hold.
            got = {json.loads(key): json.loads(value)
                   for key, value in re.findall(r'^("[^"]+") = ("(?:[^"\\]|\\.)*");$', text, re.M)}
            phrases = json.loads(read(SDK, "phrases", language + ".json"))
            self.assertEqual(len(got), 2 * len(phrases))
            for phrase, texts in phrases.items():
                self.assertEqual(got["imi." + phrase], texts["text"])
                self.assertEqual(got[f"imi.{phrase}.spoken"], texts["spoken"])


if __name__ == "__main__":
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print("skipped: needs", *missing)
        sys.exit(77)
    SDK, OUT = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
