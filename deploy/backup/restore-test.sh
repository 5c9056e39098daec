#!/bin/sh
# Restore the newest backup of a folder beside the service, recount it, and say when that went well in a metric.
# restore-test.sh FOLDER      the metric: FOLDER/tthc_restore_test.prom, for node_exporter's textfile collector
# PostgreSQL: RESTORE_URL is a database of its own, which the role may empty (createdb -O tthc tthc_restore_test).
set -eu
umask 077
folder=$1 program=$(cd "$(dirname "$0")/../.." && pwd)
newest=$(ls -1t "$folder"/tthc-*.dump "$folder"/tthc-*.sqlite3 2>/dev/null | head -n 1)
[ -n "$newest" ] || { echo "không có bản sao lưu nào (no backup) in $folder" >&2; exit 1; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
case $newest in
  *.sqlite3)
    cp "$newest" "$place/restored.sqlite3"
    address=sqlite:///$place/restored.sqlite3
    ;;
  *)
    address=${RESTORE_URL:?RESTORE_URL is needed: an empty database for the trial}
    pg_restore --clean --if-exists --no-owner --exit-on-error --single-transaction --dbname="$address" "$newest"
    ;;
esac
cd "$program"
unset DATABASE_URL_FILE
export DATABASE_URL="$address"
.venv/bin/flask --app wsgi db upgrade
.venv/bin/flask --app wsgi tallies verify
{
  echo "# HELP tthc_restore_test_timestamp_seconds When a backup was last restored for a trial, with tallies that agree."
  echo "# TYPE tthc_restore_test_timestamp_seconds gauge"
  echo "tthc_restore_test_timestamp_seconds $(date +%s)"
} > "$folder/tthc_restore_test.prom.part"
chmod 644 "$folder/tthc_restore_test.prom.part"
mv "$folder/tthc_restore_test.prom.part" "$folder/tthc_restore_test.prom"
echo "$newest: phục hồi được (restored, tallies agree)"
