#!/usr/bin/python3 -B
"""Runs phone.test.mjs beside an imid and a gateway; 77 (skipped) without node or the packages."""
import os
import shutil
import subprocess
import sys
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
if not (shutil.which("node") and os.path.exists(
        os.path.join(FOLDER, "node_modules/@connectrpc/connect-web/package.json"))):
    print("skipped: run tools/setup-tests first")
    sys.exit(77)

sys.path.insert(0, os.path.join(FOLDER, "../../system"))
from gateway_fixture import Gateway
from imi_system import Backend, running

with running() as imid, tempfile.TemporaryDirectory(prefix="imi-system.") as place:
    gateway = Gateway(imid, place).start()
    try:
        with Backend(imid) as backend:
            created = backend.create(backend.enrol())
        sys.exit(subprocess.run(
            ["node", "--test", os.path.join(FOLDER, "phone.test.mjs")], timeout=120, check=False,
            env={**os.environ, "GATEWAY": f"https://localhost:{gateway.port}",
                 "NODE_EXTRA_CA_CERTS": imid.pki("ca.crt"), "SESSION": created.session_id,
                 "SECRET": created.join_secret}).returncode)
    finally:
        gateway.stop()
