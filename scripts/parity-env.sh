#!/usr/bin/env bash
# Makes the Python environment that our numbers are checked against (transformers, TRL, PEFT, ONNX).
# Idempotent: a second call with the same requirements does nothing and ends in a moment.
#   MEDE2_PARITY_ENV    where to put it     (default: ${XDG_CACHE_HOME:-$HOME/.cache}/mede2/parity)
#   MEDE2_PARITY_PYTHON which Python to use (default: python3, 3.10 or newer)
# The last line printed to stdout is the path of its Python; all else goes to stderr.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
name=parity
requirements="$here/python/requirements-parity.txt"
env_dir=${MEDE2_PARITY_ENV:-${XDG_CACHE_HOME:-$HOME/.cache}/mede2/parity}
base_python=${MEDE2_PARITY_PYTHON:-python3}
variable=MEDE2_PARITY_PYTHON
source "$here/scripts/lib/python-env.sh"

need_python 10
make_env "torch, torchvision, transformers, trl, peft, onnx" install_with_torch
printf '%s\n' "$env_dir/bin/python"
