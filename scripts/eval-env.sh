#!/usr/bin/env bash
# Makes the Python environment that our evaluations are checked in: Inspect, SciPy, statsmodels, scikit-learn.
# Idempotent: a second call with the same requirements does nothing and ends in a moment.
#   MEDE2_EVAL_ENV    where to put it     (default: ${XDG_CACHE_HOME:-$HOME/.cache}/mede2/eval)
#   MEDE2_EVAL_PYTHON which Python to use (default: python3, 3.11 or newer)
# The last line printed to stdout is the path of its Python; all else goes to stderr.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
name=eval
requirements="$here/python/requirements-eval.txt"
env_dir=${MEDE2_EVAL_ENV:-${XDG_CACHE_HOME:-$HOME/.cache}/mede2/eval}
base_python=${MEDE2_EVAL_PYTHON:-python3}
variable=MEDE2_EVAL_PYTHON
source "$here/scripts/lib/python-env.sh"

need_python 11
make_env "inspect_ai, scipy, sklearn, statsmodels" install_requirements
printf '%s\n' "$env_dir/bin/python"
