#!/usr/bin/env bash
# Mesa's software Vulkan (lavapipe) of Debian trixie with the C library that it needs, unpacked into a cache folder: the WebGPU provider runs on it without a GPU and without root.
# Older Mesa than 25 is refused by the provider; nothing of the system is changed.
#   webgpu-env.sh                 makes the folder where it is missing (about 60 MB to fetch); prints its path
#   webgpu-env.sh can             says why it cannot be had here, and returns 1; or nothing
#   webgpu-env.sh run COMMAND …   runs a program of this machine (node …) with that C library and that driver
set -euo pipefail
say() { printf 'webgpu-env: %s\n' "$*" >&2; }

dir="${MEDE2_WEBGPU_ENV:-${XDG_CACHE_HOME:-$HOME/.cache}/mede2/webgpu}"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mirror="${MEDE2_DEBIAN_MIRROR:-http://deb.debian.org/debian}"

lacking() {
  [ "$(uname -sm)" = "Linux x86_64" ] || { echo "the packages are for Linux on x86-64"; return; }
  [ -e "$dir/complete" ] && return
  local program
  for program in apt-get dpkg-deb; do
    command -v "$program" >/dev/null || { echo "$program is missing: the packages come from Debian"; return; }
  done
  [ -e "$keyring" ] || echo "$keyring is missing (package debian-archive-keyring): what is fetched could not be checked"
}

make() {
  local reason; reason=$(lacking)
  [ -z "$reason" ] || { say "$reason"; exit 1; }
  [ -e "$dir/complete" ] && return
  rm -rf "$dir"
  mkdir -p "$dir"/apt/{state/lists/partial,cache/archives/partial,etc/preferences.d} "$dir/root"
  : >"$dir/apt/state/status" # nothing is installed there: everything that is needed is fetched
  echo "deb [signed-by=$keyring] $mirror trixie main" >"$dir/apt/etc/sources.list"
  local apt=(apt-get -q -y
    -o "Dir::State=$dir/apt/state" -o "Dir::State::status=$dir/apt/state/status" -o "Dir::Cache=$dir/apt/cache"
    -o "Dir::Etc::sourcelist=$dir/apt/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::Etc::preferencesparts=$dir/apt/etc/preferences.d" -o APT::Architecture=amd64 -o APT::Sandbox::User=)
  say "fetches Mesa and its libraries from $mirror into $dir"
  "${apt[@]}" update >&2
  "${apt[@]}" install --download-only --no-install-recommends mesa-vulkan-drivers libvulkan1 libstdc++6 >&2
  local package
  for package in "$dir"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$dir/root"; done
  local driver; driver=$(find "$dir/root" -name 'libvulkan_lvp.so' | head -n 1)
  [ -n "$driver" ] || { say "the packages hold no libvulkan_lvp.so"; exit 1; }
  printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.4.305"}}\n' "$driver" >"$dir/lavapipe.json"
  rm -rf "$dir/apt"
  touch "$dir/complete"
}

run() {
  make
  local program; program=$(command -v "$1") || { say "$1 is missing"; exit 1; }
  shift
  local loader; loader=$(find "$dir/root" -name 'ld-linux-x86-64.so.2' | head -n 1)
  local runtime; runtime=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$runtime'" EXIT
  XDG_RUNTIME_DIR="$runtime" VK_DRIVER_FILES="$dir/lavapipe.json" VK_ICD_FILENAMES="$dir/lavapipe.json" \
    "$loader" --library-path "$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu" "$(readlink -f "$program")" "$@"
}

case "${1:-}" in
  "") make; echo "$dir" ;;
  can) reason=$(lacking); [ -z "$reason" ] || { echo "$reason"; exit 1; } ;;
  run) shift; run "$@" ;;
  *) say "unknown word $1: can, run or nothing"; exit 2 ;;
esac
