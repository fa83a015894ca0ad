#!/bin/sh
# Sets the application up in this folder on a machine with no network; part of the archive `make bundle` makes.
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}

if [ ! -d wheels ]; then
    echo "install.sh: no folder 'wheels' here; this script belongs into the archive that 'make bundle' makes." >&2
    exit 2
fi
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "install.sh: Python 3.11 or newer is needed.")'
"$PYTHON" -m venv .venv
# --isolated: an address or folder in this machine's pip settings must not be asked.
.venv/bin/python -m pip --isolated --disable-pip-version-check install -qq \
    --no-index --find-links wheels --require-hashes --no-deps -r requirements.lock
.venv/bin/python -m pip --isolated --disable-pip-version-check install -qq \
    --no-index --no-deps --no-build-isolation --editable .

cat <<'TEXT'
民情地图已安装。
  .venv/bin/minqing init --sample   # 建立示例县数据库（正式使用请用 .venv/bin/minqing init）
  .venv/bin/minqing serve           # http://127.0.0.1:8501
TEXT
