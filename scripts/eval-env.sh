#!/usr/bin/env bash
# Makes the Python environment that our evaluations are checked in: Inspect, SciPy, statsmodels, scikit-learn.
# Idempotent: a second call with the same requirements does nothing and ends in a moment.
#   MEDE2_EVAL_ENV    where to put it     (default: ${XDG_CACHE_HOME:-$HOME/.cache}/mede2/eval)
#   MEDE2_EVAL_PYTHON which Python to use (default: python3, 3.11 or newer)
# The last line printed to stdout is the path of its Python; all else goes to stderr.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
requirements="$here/python/requirements-eval.txt"
env_dir=${MEDE2_EVAL_ENV:-${XDG_CACHE_HOME:-$HOME/.cache}/mede2/eval}
base_python=${MEDE2_EVAL_PYTHON:-python3}
say() { printf 'eval-env: %s\n' "$*" >&2; }

"$base_python" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)' ||
  { say "$base_python is missing or older than 3.11; set MEDE2_EVAL_PYTHON"; exit 1; }
wanted=$("$base_python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$requirements")
if [[ -x "$env_dir/bin/python" && -f "$env_dir/mede2-eval.sha256" && "$(cat "$env_dir/mede2-eval.sha256")" == "$wanted" ]]; then
  say "$env_dir is up to date"
  printf '%s\n' "$env_dir/bin/python"
  exit 0
fi

mkdir -p "$env_dir"
exec 9>"$env_dir/.lock"
if command -v flock >/dev/null; then flock 9; fi
say "making a virtual environment in $env_dir"
"$base_python" -m venv "$env_dir"
"$env_dir/bin/python" -m pip --quiet --disable-pip-version-check install -r "$requirements"
"$env_dir/bin/python" -c 'import inspect_ai, scipy, sklearn, statsmodels; print("eval-env:", *(f"{m.__name__} {m.__version__}" for m in (inspect_ai, scipy, sklearn, statsmodels)))' >&2
printf '%s' "$wanted" >"$env_dir/mede2-eval.sha256"
say "done"
printf '%s\n' "$env_dir/bin/python"
