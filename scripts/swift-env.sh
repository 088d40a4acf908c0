#!/usr/bin/env bash
# Makes the Python environment of the engine ms-swift, as scripts/check-engines.mjs runs it on a CPU (2.3 GB).
# Idempotent: a second call with the same requirements does nothing and ends in a moment.
#   MEDE2_SWIFT_ENV    where to put it     (default: ${XDG_CACHE_HOME:-$HOME/.cache}/mede2/swift)
#   MEDE2_SWIFT_PYTHON which Python to use (default: python3, 3.10 or newer)
# The last line printed to stdout is the path of its Python; all else goes to stderr.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
name=swift
requirements="$here/python/requirements-swift.txt"
env_dir=${MEDE2_SWIFT_ENV:-${XDG_CACHE_HOME:-$HOME/.cache}/mede2/swift}
base_python=${MEDE2_SWIFT_PYTHON:-python3}
variable=MEDE2_SWIFT_PYTHON
source "$here/scripts/lib/python-env.sh"

need_python 10
make_env "torch, torchvision, transformers, trl, peft, swift" install_with_torch
printf '%s\n' "$env_dir/bin/python"
