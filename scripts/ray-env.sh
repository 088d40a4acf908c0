#!/usr/bin/env bash
# A real Ray head that nobody outside this machine can reach: where it can be had, in a network namespace of its own with nothing but the loopback, since Ray's own services
# listen on all interfaces whatever the dashboard does.
#   ray-env.sh install        makes the virtual environment (idempotent); prints the path of its `ray`
#   ray-env.sh can            says why it cannot be had here, and returns 1; or nothing
#   ray-env.sh up DIR [TOKEN] starts a head with its files below DIR; prints RAY_ADDRESS=… and RAY_ENTER=… (a prefix for commands that must reach it)
#   ray-env.sh down DIR       ends it
#   MEDE2_RAY_ENV    where the environment lies (default: ${XDG_CACHE_HOME:-$HOME/.cache}/mede2/ray)
#   MEDE2_RAY_PYTHON which Python to use        (default: python3, 3.10 or newer)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
requirements="$here/python/requirements-ray.txt"
env_dir=${MEDE2_RAY_ENV:-${XDG_CACHE_HOME:-$HOME/.cache}/mede2/ray}
base_python=${MEDE2_RAY_PYTHON:-python3}
name=ray
variable=MEDE2_RAY_PYTHON
source "$here/scripts/lib/python-env.sh"

install() {
  need_python 10
  make_env ray install_requirements
  printf '%s\n' "$env_dir/bin/ray"
}

lacking() {
  [ "$(uname -s)" = Linux ] || { echo "this script starts Ray on Linux"; return; }
  [ -x "$env_dir/bin/ray" ] || { echo "there is no Ray in $env_dir; bash scripts/ray-env.sh install makes it"; return; }
  unshare --net true 2>/dev/null || { echo "Ray listens on all interfaces, and this user may not make a network namespace (root may)"; return; }
}

up() { # DIR [TOKEN]
  local reason; reason=$(lacking)
  [ -z "$reason" ] || { say "$reason"; exit 1; }
  mkdir -p "$1"
  local dir; dir=$(cd "$1" && pwd)
  # a process that does nothing but hold the namespace open
  unshare --net sleep 86400 </dev/null >/dev/null 2>&1 9>&- &
  local holder=$!
  echo "$holder" >"$dir/holder.pid"
  local enter=(nsenter --target "$holder" --net)
  for _ in $(seq 50); do [ "$(readlink "/proc/$holder/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break; sleep 0.1; done
  "${enter[@]}" ip link set lo up
  local auth=()
  if [ -n "${2-}" ]; then
    (umask 077 && printf '%s' "$2" >"$dir/token")
    auth=(RAY_AUTH_MODE=token "RAY_AUTH_TOKEN_PATH=$dir/token")
  fi
  env "${auth[@]}" RAY_USAGE_STATS_ENABLED=0 "${enter[@]}" "$env_dir/bin/ray" start --head --port=6389 \
    --node-ip-address=127.0.0.1 --dashboard-host=127.0.0.1 --dashboard-port=8265 --num-cpus=2 --object-store-memory=100000000 \
    --temp-dir="$dir/ray" --disable-usage-stats >"$dir/start.log" 2>&1 || { tail -n 20 "$dir/start.log" >&2; down "$dir"; exit 1; }
  say "$("$env_dir/bin/ray" --version) in the network namespace of process $holder"
  echo "RAY_ADDRESS=http://127.0.0.1:8265"
  echo "RAY_ENTER=nsenter --target $holder --net"
}

down() { # all that lives in the namespace, then the process that holds it
  [ -s "$1/holder.pid" ] || return 0
  local holder name pid round
  holder=$(cat "$1/holder.pid")
  name=$(readlink "/proc/$holder/ns/net" 2>/dev/null) || return 0
  for round in TERM TERM KILL; do
    for pid in /proc/[0-9]*; do
      if [ "$(readlink "$pid/ns/net" 2>/dev/null)" = "$name" ] && [ "${pid#/proc/}" != "$holder" ]; then
        kill -s "$round" "${pid#/proc/}" 2>/dev/null || true
      fi
    done
    sleep 1
  done
  kill "$holder" 2>/dev/null || true
  rm -f "$1/holder.pid"
}

case ${1-} in
  install) install ;;
  can) reason=$(lacking); [ -z "$reason" ] || { echo "$reason"; exit 1; } ;;
  up) up "$2" "${3-}" ;;
  down) down "$2" ;;
  *) say "say install, can, up DIR [TOKEN] or down DIR"; exit 64 ;;
esac
