#!/usr/bin/env bash
# A real Slurm with this host as its only node, in a folder of its own and without systemd: munged, slurmctld and slurmd of Debian's packages, on the loopback only.
#   slurm-env.sh install      installs the packages (Debian, root)
#   slurm-env.sh up DIR       makes DIR, starts it there, waits until the node is idle; prints SLURM_CONF=…
#   slurm-env.sh down DIR     ends what it started there
#   slurm-env.sh can          says why it cannot be had here, and returns 1; or nothing
set -euo pipefail
say() { printf 'slurm-env: %s\n' "$*" >&2; }

lacking() {
  [ "$(uname -s)" = Linux ] || { echo "Slurm runs on Linux"; return; }
  [ "$(id -u)" = 0 ] || { echo "the daemons of Slurm need root"; return; }
  local program
  for program in munged slurmctld slurmd sbatch; do
    command -v "$program" >/dev/null && continue
    command -v apt-get >/dev/null || { echo "$program is missing, and this is no Debian"; return; }
    echo "$program is missing; bash scripts/slurm-env.sh install gets it"
    return
  done
}

up() {
  local reason; reason=$(lacking)
  [ -z "$reason" ] || { say "$reason"; exit 1; }
  mkdir -p "$1"
  local dir; dir=$(cd "$1" && pwd)
  local host; host=$(hostname -s)
  local base=$((21000 + RANDOM % 8000))
  umask 022
  mkdir -p "$dir"/{state,spool,log}
  (umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
  cat >"$dir/slurm.conf" <<CONF
ClusterName=mede2test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$base
SlurmdPort=$((base + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket,cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PlugStackConfig=/dev/null
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
ReturnToService=2
KillWait=5
MinJobAge=5
SlurmdTimeout=10
SchedulerParameters=batch_sched_delay=1,sched_interval=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=500 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
CONF
  echo "CgroupPlugin=cgroup/v1" >"$dir/cgroup.conf" # no cgroups are needed with linuxproc, but the file is
  export SLURM_CONF="$dir/slurm.conf"
  munged --force --socket="$dir/munge.socket" --key-file="$dir/munge.key" --pid-file="$dir/munged.pid" \
    --log-file="$dir/log/munged.log" --seed-file="$dir/munge.seed" --num-threads=2
  slurmctld -c
  slurmd -N "$host"
  local _
  for _ in $(seq 60); do
    if sinfo --noheader --format=%T 2>/dev/null | grep -q '^idle'; then
      say "Slurm $(slurmd -V | cut -d' ' -f2) in $dir, ports $base and $((base + 1))"
      echo "SLURM_CONF=$SLURM_CONF"
      return
    fi
    sleep 0.5
  done
  say "the node did not become idle:"
  tail -n 5 "$dir"/log/*.log >&2
  down "$dir"
  exit 1
}

down() {
  local name pid
  for name in slurmd slurmctld munged; do
    [ -s "$1/$name.pid" ] || continue
    pid=$(cat "$1/$name.pid")
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
}

case ${1-} in
  install)
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      munge slurmctld slurmd slurm-client >&2
    ;;
  up) up "$2" ;;
  down) down "$2" ;;
  can) reason=$(lacking); [ -z "$reason" ] || { echo "$reason"; exit 1; } ;;
  *) say "say install, up DIR, down DIR or can"; exit 64 ;;
esac
