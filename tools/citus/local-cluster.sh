#!/usr/bin/env bash
# Runs a Citus cluster on this machine for bench:citus, check:citus and the suites: docs/citus.md#a-cluster-on-one-machine.
# PostgreSQL and Citus are installed already; PG_BIN names the directory of initdb where pg_config does not.
set -euo pipefail

NODES=(coordinator worker-1 worker-2)
RESTORE_POINT=check_citus # as in tools/citus/options.ts

usage() {
  cat >&2 <<'END'
Usage: tools/citus/local-cluster.sh DIRECTORY COMMAND [NODE|NAME]
  create            coordinator (15010), worker-1 (15011), worker-2 (15012), and a plain server (15013)
  remove            stops every server and deletes the directory
  database NAME     a database on all nodes, in which the workers are registered
  start|stop NODE   stop: as a crash would
  freeze|thaw NODE  all its processes
  standby NODE      a synchronous standby, ten ports up
  promote NODE      stops the node as a crash would; its standby takes its place
  return NODE       starts the former node again, with a new standby
  backup            base backups of all nodes, and an archive of their WAL from here on
  restore           stops all nodes, and starts their backups at the restore point check_citus, twenty ports up
  end-restore       removes the restored nodes, and starts the former ones again
END
  exit 2
}

[ $# -ge 2 ] || usage
DIRECTORY=$1 COMMAND=$2 NODE=${3:-}
BIN=${PG_BIN:-$(pg_config --bindir)}

# PostgreSQL does not run as root.
as() { if [ "$(id -u)" = 0 ]; then (cd / && exec runuser -u postgres -- "$@"); else "$@"; fi; }
data() { echo "$DIRECTORY/$1"; }
port() {
  local port
  case $1 in
    coordinator*) port=15010 ;;
    worker-1*) port=15011 ;;
    worker-2*) port=15012 ;;
    plain*) port=15013 ;;
    *) usage ;;
  esac
  case $1 in
    *-standby) echo $((port + 10)) ;;
    *-restored) echo $((port + 20)) ;;
    *) echo "$port" ;;
  esac
}
# Without warnings: Citus has one for each database, because it creates it on one node only.
sql() {
  PGOPTIONS='-c client_min_messages=error' "$BIN/psql" -XqAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$(port "$1")" -U postgres -d "${3:-postgres}" -c "$2"
}
is_running() { as "$BIN/pg_ctl" -D "$(data "$1")" status >/dev/null; }
start() {
  as "$BIN/pg_ctl" -D "$(data "$1")" -l "$(data "$1").log" -w -t 60 -o "-p $(port "$1")" start >/dev/null
}
stop() { ! is_running "$1" || as "$BIN/pg_ctl" -D "$(data "$1")" -m "$2" -w -t 60 stop >/dev/null; }
signal() {
  local postmaster
  postmaster=$(head -n 1 "$(data "$2")/postmaster.pid")
  kill "-$1" "$postmaster"
  pkill "-$1" -P "$postmaster" || true
}
wait_until() {
  for _ in $(seq 600); do
    [ "$(sql "$1" "$2")" != t ] || return 0
    sleep 0.1
  done
  echo "$1: not within a minute: $2" >&2
  exit 1
}
change() {
  sql "$1" "ALTER SYSTEM SET $2"
  sql "$1" 'SELECT pg_reload_conf()' >/dev/null
}

make() {
  as "$BIN/initdb" -D "$(data "$1")" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  cat >>"$(data "$1")/postgresql.conf" <<'END'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
timezone = 'UTC'
max_connections = 500
max_prepared_transactions = 500
wal_level = logical
max_wal_senders = 30
max_replication_slots = 30
fsync = off
archive_mode = on
archive_command = '/bin/true'
END
  [ "$1" = plain ] || echo "shared_preload_libraries = 'citus'" >>"$(data "$1")/postgresql.conf"
  start "$1"
}

create() {
  mkdir -p "$DIRECTORY/archive"
  [ "$(id -u)" != 0 ] || chown -R postgres "$DIRECTORY"
  for node in "${NODES[@]}" plain; do make "$node"; done
  sql plain 'CREATE DATABASE analytics_test'
  register postgres
}

register() {
  for node in "${NODES[@]}"; do sql "$node" 'CREATE EXTENSION citus' "$1"; done
  sql coordinator "SELECT citus_set_coordinator_host('127.0.0.1', $(port coordinator))" "$1" >/dev/null
  for node in worker-1 worker-2; do
    sql coordinator "SELECT citus_add_node('127.0.0.1', $(port "$node"))" "$1" >/dev/null
  done
}

database() {
  for node in "${NODES[@]}"; do sql "$node" "CREATE DATABASE $1"; done
  register "$1"
}

base_backup() {
  as rm -rf "$(data "$2")"
  as "$BIN/pg_basebackup" -D "$(data "$2")" -X stream -c fast "${@:3}" \
    -d "host=127.0.0.1 port=$(port "$1") user=postgres application_name=standby"
}

standby() {
  base_backup "$1" "$1-standby" -R
  start "$1-standby"
  change "$1" "synchronous_standby_names = 'standby'"
  wait_until "$1" "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')"
}

return_to() {
  stop "$1-standby" immediate
  start "$1"
  change "$1" "synchronous_standby_names = ''"
  standby "$1"
}

backup() {
  for node in "${NODES[@]}"; do
    as mkdir -p "$DIRECTORY/archive/$node"
    change "$node" "archive_command = 'cp %p $DIRECTORY/archive/$node/%f'"
    base_backup "$node" "$node-restored"
  done
}

restore() {
  local file
  for node in "${NODES[@]}"; do
    file=$(sql "$node" 'SELECT pg_walfile_name(pg_switch_wal())')
    wait_until "$node" "SELECT last_archived_wal >= '$file' FROM pg_stat_archiver"
  done
  # A restored coordinator that reached the former workers would roll back their prepared transactions.
  for node in "${NODES[@]}"; do stop "$node" fast; done
  for node in "${NODES[@]}"; do
    cat >>"$(data "$node-restored")/postgresql.auto.conf" <<END
restore_command = 'cp $DIRECTORY/archive/$node/%f %p'
recovery_target_name = '$RESTORE_POINT'
recovery_target_action = 'promote'
archive_command = '/bin/true'
synchronous_standby_names = ''
END
    as touch "$(data "$node-restored")/recovery.signal"
    start "$node-restored"
  done
  for node in "${NODES[@]}"; do wait_until "$node-restored" 'SELECT NOT pg_is_in_recovery()'; done
}

end_restore() {
  for node in "${NODES[@]}"; do
    stop "$node-restored" immediate
    as rm -rf "$(data "$node-restored")" "$DIRECTORY/archive/$node"
    start "$node"
    change "$node" "archive_command = '/bin/true'"
  done
}

remove() {
  for node in "${NODES[@]}" plain; do
    for each in "$node-standby" "$node-restored" "$node"; do
      [ ! -d "$(data "$each")" ] || stop "$each" immediate
    done
  done
  rm -rf "$DIRECTORY"
}

case $COMMAND in
  create | remove | backup | restore) "$COMMAND" ;;
  end-restore) end_restore ;;
  start | standby | database) "$COMMAND" "$NODE" ;;
  stop) stop "$NODE" immediate ;;
  freeze) signal STOP "$NODE" ;;
  thaw) signal CONT "$NODE" ;;
  promote)
    stop "$NODE" immediate
    as "$BIN/pg_ctl" -D "$(data "$NODE-standby")" -w promote >/dev/null
    ;;
  return) return_to "$NODE" ;;
  *) usage ;;
esac
