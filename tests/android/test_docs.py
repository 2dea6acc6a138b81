#!/usr/bin/python3 -B
"""usage: test_docs.py MADE_FOLDER

The ten lines of docs/android.md compile against the SDK as they stand. MADE_FOLDER is build-aar's.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What an app has around them.
BEFORE = """
import android.app.Activity;
import android.graphics.Color;
import android.os.Bundle;
import android.view.TextureView;
import android.view.View;
import android.widget.Button;
import android.widget.TextView;
import java.util.List;
import org.imi.sdk.*;
import org.imi.sdk.android.*;

class Example extends Activity {
    TextureView textureView;
    View page;
    TextView phrase;
    Button startButton, yesButton;
    List<String> chosenClaims;
    Verification verification;

    void showButtonsOf(VerificationView view) {}

    @Override
    protected void onCreate(Bundle saved) {
"""
AFTER = """
    }
}
"""


def main(made):
    told = (ROOT / "docs/android.md").read_text("utf-8")
    lines = re.search(r"^## Ten lines\n+```java\n(.*?)^```", told, re.MULTILINE | re.DOTALL).group(1)
    if lines.count("\n") > 11:
        sys.exit(f"the ten lines are {lines.count(chr(10))}")
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "Example.java")
        source.write_text(BEFORE + lines + AFTER, "utf-8")
        done = subprocess.run(["javac", "--release", "8", "-Xlint:-options", "-d", folder, "-cp",
                               f"{made}/stubs:{made}/classes", str(source)], check=False)
    sys.exit(done.returncode)


main(sys.argv[1])
