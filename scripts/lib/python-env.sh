# What the scripts that make Python environments share; sourced, not run. They set before:
#   name           parity, swift …: for messages and the name of the mark
#   env_dir        where the environment lies
#   base_python    which Python makes it, and `variable`, which names the variable that says so
#   requirements   the file of pinned versions
shared=("$requirements" "${BASH_SOURCE[0]}" "${BASH_SOURCE[1]}")
say() { printf '%s-env: %s\n' "$name" "$*" >&2; }

# need_python MINOR: ends the script where the base Python is older than 3.MINOR.
need_python() {
  "$base_python" -c "import sys; sys.exit(0 if sys.version_info >= (3, $1) else 1)" ||
    { say "$base_python is missing or older than 3.$1; set $variable"; exit 1; }
  wanted=$(cat "${shared[@]}" |
    "$base_python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
}

# is_made: whether the environment was made from these very files.
is_made() {
  [[ -x "$env_dir/bin/python" && -f "$env_dir/mede2-$name.sha256" && "$(cat "$env_dir/mede2-$name.sha256")" == "$wanted" ]]
}

# make_env MODULES COMMAND…: where it is not made yet, a virtual environment, filled by the command, whose MODULES can be imported. One at a time.
make_env() {
  local modules=$1
  shift
  if is_made; then say "$env_dir is up to date"; return; fi
  mkdir -p "$env_dir"
  exec 9>"$env_dir/.lock"
  if command -v flock >/dev/null; then flock 9; fi
  if ! is_made; then
    say "making a virtual environment in $env_dir"
    "$base_python" -m venv "$env_dir"
    "$@"
    say "checking that it imports"
    "$env_dir/bin/python" -c "import $modules; print('$name-env:', *(f'{m.__name__} {m.__version__}' for m in ($modules,)))" >&2
    printf '%s' "$wanted" >"$env_dir/mede2-$name.sha256"
    say "done"
  fi
  exec 9>&-
}

pip_install() { "$env_dir/bin/python" -m pip --quiet --disable-pip-version-check install "$@"; }

# install_requirements: all of them.
install_requirements() { pip_install -r "$requirements"; }

# install_with_torch: PyTorch first, torchvision without dependencies, then the rest.
# torchvision's PyPI build dies at import beside a CPU torch, because its compiled operators do not load and the
# shapes of two of them are registered all the same: their schemas are declared first.
install_with_torch() {
  local torch torchvision=torchvision==0.28.0
  torch=$(grep '^torch==' "$requirements")
  say "installing $torch (where the index serves CUDA builds, set PIP_EXTRA_INDEX_URL to the CPU index)"
  pip_install "$torch"
  say "installing $torchvision without dependencies"
  pip_install "$torchvision" --no-deps
  say "installing the rest of $requirements"
  install_requirements
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
}
