#!/bin/sh
# Say in a metric from what moment on nothing is restorable yet: all that was committed before it is copied elsewhere. Every five minutes.
# restorable.sh FOLDER barman [SERVER]                on Barman's machine, after its first `barman backup`
# restorable.sh FOLDER litestream DATABASE [SOCKET]   beside `litestream replicate`
# the metric: FOLDER/tthc_restorable_PROGRAM.prom, for node_exporter's textfile collector; it stays as it was when a copy fails
set -eu
umask 077
folder=$1 program=$2
began=$(date +%s)
case $program in
  barman)
    server=${3:-tthc}
    barman -q switch-wal --force --archive --archive-timeout 60 "$server"   # ends well when the log until now is in the archive
    barman -q check "$server"                                        # a whole copy is there, and its tools work
    barman -q check-backup "$server" latest                                 # with all of the log that it needs
    ;;
  litestream)
    litestream sync -wait -timeout 60 -socket "${4:-/run/litestream/tthc.sock}" "$3" >/dev/null   # ends well when the other place has it
    ;;
  *) echo "barman or litestream, not $program" >&2; exit 2 ;;
esac
{
  echo "# HELP tthc_backup_timestamp_seconds The newest moment that can be restored, by the program that copies."
  echo "# TYPE tthc_backup_timestamp_seconds gauge"
  echo "tthc_backup_timestamp_seconds{by=\"$program\"} $began"
} > "$folder/tthc_restorable_$program.prom.part"
chmod 644 "$folder/tthc_restorable_$program.prom.part"
mv "$folder/tthc_restorable_$program.prom.part" "$folder/tthc_restorable_$program.prom"
