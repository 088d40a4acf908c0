#!/usr/bin/env bash
# Makes the Python environment of the engine ms-swift, as scripts/check-engines.mjs runs it on a CPU (2.3 GB).
# Idempotent: a second call with the same requirements does nothing and ends in a moment.
#   MEDE2_SWIFT_ENV    where to put it     (default: ${XDG_CACHE_HOME:-$HOME/.cache}/mede2/swift)
#   MEDE2_SWIFT_PYTHON which Python to use (default: python3, 3.10 or newer)
# The last line printed to stdout is the path of its Python; all else goes to stderr.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
requirements="$here/python/requirements-swift.txt"
env_dir=${MEDE2_SWIFT_ENV:-${XDG_CACHE_HOME:-$HOME/.cache}/mede2/swift}
base_python=${MEDE2_SWIFT_PYTHON:-python3}
torchvision_version=0.28.0
say() { printf 'swift-env: %s\n' "$*" >&2; }

"$base_python" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else 1)' ||
  { say "$base_python is missing or older than 3.10; set MEDE2_SWIFT_PYTHON"; exit 1; }
wanted=$(cat "$requirements" "${BASH_SOURCE[0]}" |
  "$base_python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
if [[ -x "$env_dir/bin/python" && -f "$env_dir/mede2-swift.sha256" && "$(cat "$env_dir/mede2-swift.sha256")" == "$wanted" ]]; then
  say "$env_dir is up to date"
  printf '%s\n' "$env_dir/bin/python"
  exit 0
fi

mkdir -p "$env_dir"
exec 9>"$env_dir/.lock"
if command -v flock >/dev/null; then flock 9; fi

say "making a virtual environment in $env_dir"
"$base_python" -m venv "$env_dir"
pip=("$env_dir/bin/python" -m pip --quiet --disable-pip-version-check install --no-compile)

torch=$(grep '^torch==' "$requirements")
say "installing $torch (where the index serves CUDA builds, set PIP_EXTRA_INDEX_URL to the CPU index)"
"${pip[@]}" "$torch"
say "installing torchvision==$torchvision_version without dependencies"
"${pip[@]}" "torchvision==$torchvision_version" --no-deps
say "installing the rest of $requirements"
"${pip[@]}" -r "$requirements"

# torchvision's PyPI build dies at import beside a CPU torch, because its compiled operators do not load and the
# shapes of two of them are registered all the same. Declare their schemas first.
say "patching torchvision so that it imports without its compiled operators"
"$env_dir/bin/python" - <<'PY'
import pathlib, sysconfig

path = pathlib.Path(sysconfig.get_paths()["purelib"]) / "torchvision" / "_meta_registrations.py"
text = path.read_text()
mark = "# mede2: schemas of operators whose compiled library did not load"
if mark not in text:
    patch = f'''
{mark}
if not torchvision.extension._has_ops():
    torch.library.define("torchvision::nms", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    torch.library.define("torchvision::qnms", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

'''
    at = text.index("@functools.lru_cache")
    path.write_text(text[:at] + patch.lstrip("\n") + text[at:])
PY

say "checking that it imports"
"$env_dir/bin/python" - >&2 <<'PY'
import torch, torchvision, transformers, trl, peft, swift
from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration
print("swift-env:", *(f"{m.__name__} {m.__version__}" for m in (torch, torchvision, transformers, trl, peft, swift)))
PY
printf '%s' "$wanted" >"$env_dir/mede2-swift.sha256"
say "done"
printf '%s\n' "$env_dir/bin/python"
