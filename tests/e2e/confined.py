"""Running a program as a strict pod does: uid 1000, no capability, nothing that can be written, little memory."""

import shutil
import subprocess

import pytest

UID = 1000
MEMORY_BYTES = 256 << 20  # as otel-add-on's chart limits it

# In a mount namespace of its own every file system becomes read-only, those that hold no files excepted; then all
# rights go, and the program takes the shell's place. Data beyond the limit cannot be had.
SCRIPT = f"""
set -eu
while read -r _ _ _ _ place _; do
  mount -o remount,bind,ro "$place" 2>/dev/null || true
done </proc/self/mountinfo
for folder in / /tmp /var/tmp /dev/shm "$PWD"; do
  if touch "$folder/written" 2>/dev/null; then echo "$folder can be written" >&2; exit 9; fi
done
exec prlimit --data={MEMORY_BYTES} setpriv --reuid={UID} --regid={UID} --clear-groups --no-new-privs \\
  --inh-caps=-all --bounding-set=-all "$@"
"""


def wrapper():
    """What goes before a command so that it runs so; skips the test where the machine does not allow it."""
    lacking = [name for name in ("unshare", "setpriv", "prlimit", "mount") if not shutil.which(name)]
    if lacking:
        pytest.skip(f"needs {' '.join(lacking)}: apt-get install util-linux mount")
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", SCRIPT, "confined"]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"needs to be root with CAP_SYS_ADMIN, for mount namespaces: {tried.stderr.strip()}")
    return command
