#!/usr/bin/env bash
# Supervisor of one training job: the same file for every run and every launcher. It lies in the folder "launch" of the emitted run, and what is to be done lies
# beside it, one item a line, so that no path or setting is ever read as shell text:
#   command, resume-command   program and arguments; {checkpoint} in the second stands for the newest whole checkpoint
#   env, unset, settings      NAME=VALUE; NAME; checkpoints, mark, nodes, per-node, grace, requeue
#   setup                     optional: the path of a shell file that is sourced first (modules, a virtual environment)
# It writes started.json, exit.json (the end, once) and attempts.jsonl (all starts and ends), and heeds the file "stop".
#
#   job.sh run            start here and watch over it                 (local, SSH, Ray)
#   job.sh batch          the same as a Slurm batch shell, by srun     USR1: time is nearly up; USR2: stop
#   job.sh step           one node's share of a Slurm job
#   job.sh status         one line: "ended {…}", "running PID", "orphaned GROUP" (the supervisor is gone, the training is not), "gone"; then the newest step
#   job.sh stop           ask for a checkpoint and the end
#   job.sh end GROUP      in the place of a supervisor that is gone: TERM to a process group, KILL after the grace, the record
set -u
launch=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd) || exit 73
cd -- "$launch/.." || exit 73
mode=${1:-run}
child='' asked='' deadline=0 rc=0 from=-1

say() { printf 'mede2-job: %s\n' "$*" >&2; }
write() { printf '%s\n' "$2" >"$1.tmp" && mv -f -- "$1.tmp" "$1"; }
field() { # NAME FILE: a number or a plain word of one of our JSON lines
  sed -n "s/.*\"$1\":\"\{0,1\}\([A-Za-z0-9._-]*\).*/\1/p" "$2" 2>/dev/null | head -n 1
}
host_name() { local name; name=$(uname -n); printf '%s' "${name//[^A-Za-z0-9._-]/_}"; }
boot_id() { cat /proc/sys/kernel/random/boot_id 2>/dev/null || printf unknown; }
start_of() { # PID: the clock tick at which it began; "ended" of a zombie; nothing where the system does not say
  local stat
  { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  if [ "$1" = Z ]; then printf ended; else printf '%s' "${20}"; fi
}
same_process() { # PID START: whether that very process lives
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  kill -0 "$1" 2>/dev/null || return 1
  local now; now=$(start_of "$1")
  [ "$now" != ended ] && { [ -z "$2" ] || [ -z "$now" ] || [ "$now" = "$2" ]; }
}
group_alive() { # GROUP: whether a process of it lives that is no zombie
  kill -0 -- "-$1" 2>/dev/null || return 1
  command -v ps >/dev/null || return 0
  ps -A -o pgid= -o stat= | awk -v group="$1" '$1 == group && $2 !~ /^Z/ { found = 1 } END { exit !found }'
}

setting() { # NAME
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    [ "${line%%=*}" = "$1" ] && { printf '%s' "${line#*=}"; return; }
  done <"$launch/settings"
}
newest_checkpoint() { # sets checkpoint and step: the newest whose mark is a whole JSON object
  checkpoint='' step=-1
  local folder mark name number first last
  name=$(setting checkpoints) mark=$(setting mark)
  for folder in "$PWD/$name"/checkpoint-*/; do
    number=${folder%/} number=${number##*/checkpoint-}
    case $number in '' | *[!0-9]*) continue ;; esac
    if [ "$((10#$number))" -le "$step" ] || [ ! -s "$folder$mark" ]; then continue; fi
    # the writers indent: only the outermost brace stands alone at the beginning of the last line
    first=$(head -c 1 -- "$folder$mark") last=$(tail -n 1 -- "$folder$mark")
    case $first$last in '{}' | '{{'*'}') checkpoint=${folder%/} step=$((10#$number)) ;; esac
  done
}

become_the_training() { # ends by exec
  local line argv=() file=command
  if [ -f "$launch/setup" ]; then
    IFS= read -r line <"$launch/setup"
    set +u
    # shellcheck disable=SC1090
    . "$line" || { say "the setup file failed"; exit 78; }
    set -u
  fi
  while IFS= read -r line || [ -n "$line" ]; do unset -v "$line"; done <"$launch/unset"
  while IFS= read -r line || [ -n "$line" ]; do export "${line?}"; done <"$launch/env"
  ranks
  [ -z "${MEDE2_CHECKPOINT-}" ] || file=resume-command
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *'{checkpoint}'*) line=${line%%'{checkpoint}'*}$MEDE2_CHECKPOINT${line#*'{checkpoint}'} ;; esac
    argv+=("$line")
  done <"$launch/$file"
  trap - TERM INT USR1 USR2
  exec "${argv[@]}"
}
ranks() { # torchrun is used only where one of these is set
  local nodes per_node
  nodes=$(setting nodes) per_node=$(setting per-node)
  [ "$nodes" -gt 1 ] || [ "$per_node" -gt 1 ] || { unset -v NPROC_PER_NODE NNODES NODE_RANK; return; }
  export NNODES=$nodes NPROC_PER_NODE=$per_node NODE_RANK=${SLURM_NODEID:-0}
  # two jobs on a host must not meet at the same port
  export MASTER_ADDR=${MEDE2_MASTER_ADDR:-127.0.0.1} MASTER_PORT=$((20000 + ${SLURM_JOB_ID:-$$} % 20000))
  # torchrun itself reads these names
  export PET_NODE_RANK=$NODE_RANK PET_MASTER_ADDR=$MASTER_ADDR PET_MASTER_PORT=$MASTER_PORT
}

tell() { # WHY: TERM to the training, once; it saves and ends, or is killed after the grace
  [ "$asked$1" != timestop ] || asked=stop # a person's word goes before the clock's
  [ -z "$asked" ] || return 0
  asked=$1 deadline=$((SECONDS + $(setting grace)))
  say "asked to end ($1)"
  reach TERM
}
reach() { # SIGNAL
  [ -n "$child" ] || return 0
  if [ "$mode" = batch ]; then
    scancel --signal="$1" "$SLURM_JOB_ID.0" 2>/dev/null || kill -s "$1" -- "-$child" 2>/dev/null
  else
    kill -s "$1" -- "-$child" 2>/dev/null
  fi
}
naps=0
nap() { # briefly while the job is young; a signal ends the wait, not the sleep
  naps=$((naps + 1))
  if [ "$naps" -lt 30 ]; then sleep 0.1 & else sleep 1 & fi
  wait $!
}
watch_over() { # waits for the child, then for what it left behind; sets rc
  local since=0
  while kill -0 "$child" 2>/dev/null; do
    [ "$mode" = step ] || [ -n "$asked" ] || [ ! -e "$launch/stop" ] || tell stop
    if [ -n "$asked" ] && [ "$SECONDS" -ge "$deadline" ]; then say "killed after the grace"; reach KILL; fi
    nap
  done
  wait "$child"; rc=$?
  while group_alive "$child"; do # ms-swift leaves its trainer behind when it ends by a signal
    [ "$since" -gt 0 ] || since=$SECONDS
    if [ -z "$asked" ] && [ "$SECONDS" -ge "$((since + 5))" ]; then asked=orphans; deadline=$((SECONDS + $(setting grace))); reach TERM; fi
    if [ -n "$asked" ] && [ "$SECONDS" -ge "$deadline" ]; then reach KILL; fi
    nap
  done
}
begin() {
  rm -f -- "$launch/exit.json"
  newest_checkpoint
  from=$step
  # three starts from the same step without a newer checkpoint: whatever ends them will end the fourth
  if [ "$(tail -n 3 -- "$launch/starts" 2>/dev/null | grep -cx -e "$from")" -ge 3 ]; then
    say "three starts from step $from brought no newer checkpoint"; asked=no-progress; finish 75
  fi
  printf '%s\n' "$from" >>"$launch/starts"
  # given back at the end, so that a full disk can still take the record of it
  head -c 65536 /dev/zero >"$launch/reserve" || { asked=no-space; finish 74; }
  export MEDE2_CHECKPOINT=$checkpoint
  [ ! -e "$launch/stop" ] || { asked=stop; finish 0; } # asked before it began
}
began() {
  local place
  place="\"host\":\"$(host_name)\",\"bootId\":\"$(boot_id)\",\"job\":\"${SLURM_JOB_ID-}\",\"from\":$from"
  place="{\"pid\":$$,\"start\":\"$(start_of $$)\",\"group\":$child,\"groupStart\":\"$(start_of "$child")\",$place}"
  write "$launch/started.json" "$place"
  printf '%s\n' "{\"started\":$place}" >>"$launch/attempts.jsonl"
}
finish() { # CODE: writes the end and ends; a stop that was asked for is no failure
  newest_checkpoint
  rm -f -- "$launch/reserve"
  local end
  end="{\"rc\":$1,\"asked\":\"$asked\",\"from\":$from,\"step\":$step,\"job\":\"${SLURM_JOB_ID-}\",\"host\":\"$(host_name)\"}"
  printf '%s\n' "{\"ended\":$end}" >>"$launch/attempts.jsonl"
  write "$launch/exit.json" "$end"
  if [ "$asked" = stop ]; then exit 0; fi
  exit "$1"
}

case $mode in
  run)
    trap 'tell stop' TERM INT HUP
    begin
    set -m # the training gets a process group of its own
    (become_the_training) </dev/null & child=$!
    set +m
    began; watch_over; finish "$rc"
    ;;
  batch)
    trap 'tell time' USR1
    trap 'tell stop' USR2 TERM
    begin
    MEDE2_MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
    export MEDE2_MASTER_ADDR
    [ -z "${SLURM_CPUS_PER_TASK-}" ] || export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK # srun does not take it over by itself
    set -m
    srun --kill-on-bad-exit=1 --ntasks="$(setting nodes)" --ntasks-per-node=1 bash launch/job.sh step </dev/null & child=$!
    set +m
    began; watch_over
    if [ "$asked" = time ] && [ "$(setting requeue)" = yes ]; then
      newest_checkpoint
      if [ "$step" -gt "$from" ]; then
        printf '%s\n' "{\"requeued\":{\"job\":\"$SLURM_JOB_ID\",\"from\":$from,\"step\":$step}}" >>"$launch/attempts.jsonl"
        say "time is up at step $step: back into the queue"
        scontrol requeue "$SLURM_JOB_ID" && exit 0
        asked=requeue-refused
      else
        asked=no-progress
      fi
    fi
    finish "$rc"
    ;;
  step)
    trap 'tell stop' TERM
    set -m
    (become_the_training) </dev/null & child=$!
    set +m
    watch_over
    exit "$rc"
    ;;
  status)
    started=$launch/started.json
    pid=$(field pid "$started") group=$(field group "$started") leader=$(start_of "$group")
    if [ -s "$launch/exit.json" ]; then
      told=ended
    elif [ ! -s "$started" ] || [ "$(field bootId "$started")" != "$(boot_id)" ]; then
      told=gone
    elif same_process "$pid" "$(field start "$started")"; then
      told="running $pid"
    elif case $leader in '' | ended | "$(field groupStart "$started")") true ;; *) false ;; esac && group_alive "$group"; then
      told="orphaned $group"
    else
      told=gone
    fi
    # it may have ended while it was looked at
    if [ "$told" = gone ] || [ "$told" = ended ]; then
      [ ! -s "$launch/exit.json" ] || told="ended $(head -n 1 -- "$launch/exit.json")"
    fi
    printf '%s\n' "$told"
    newest_checkpoint
    printf '%s\n' "$step"
    ;;
  stop)
    : >"$launch/stop"
    case $(bash "$launch/job.sh" status | head -n 1) in
      running\ *) kill -s TERM "$(field pid "$launch/started.json")" ;;
      orphaned\ *)
        set -m
        nohup bash "$launch/job.sh" end "$(field group "$launch/started.json")" </dev/null >/dev/null 2>&1 &
        ;;
    esac
    ;;
  end)
    child=$2
    began # as its supervisor
    tell stop
    while group_alive "$child"; do
      if [ "$SECONDS" -ge "$deadline" ]; then reach KILL; fi
      nap
    done
    finish -1 # how it ended, only its supervisor could have seen
    ;;
  *) say "unknown mode $mode"; exit 64 ;;
esac
