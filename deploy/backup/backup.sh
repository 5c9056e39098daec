#!/bin/sh
# Back up the database of DATABASE_URL (or DATABASE_URL_FILE) into a folder, keep the newest, and say when in a metric.
# backup.sh FOLDER [KEEP]     the metric: FOLDER/tthc_backup.prom, for node_exporter's textfile collector
set -eu
umask 077
folder=$1 keep=${2:-14}
url=${DATABASE_URL:-$(cat "${DATABASE_URL_FILE:?DATABASE_URL or DATABASE_URL_FILE is needed}")}
began=$(date +%s)
filled=$folder/tthc-was-filled   # a backup with dossiers was made here
case $url in
  sqlite:///*)
    file=$folder/tthc-$(date -u +%Y%m%dT%H%M%SZ).sqlite3
    has=$(python3 - "${url#sqlite:///}" "$file.part" <<'PYTHON'
import sqlite3, sys
source = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
source.execute("VACUUM INTO ?", [sys.argv[2]])
copy = sqlite3.connect(sys.argv[2])
assert copy.execute("PRAGMA quick_check").fetchone() == ("ok",)
print(*copy.execute("SELECT EXISTS (SELECT 1 FROM dossier)").fetchone())
PYTHON
)
    ;;
  *)
    file=$folder/tthc-$(date -u +%Y%m%dT%H%M%SZ).dump
    pg_dump --format=custom --no-owner --file="$file.part" "$url"
    pg_restore --list "$file.part" >/dev/null   # it can be read to its end
    has=$(psql -XAtq -v ON_ERROR_STOP=1 -c "SELECT EXISTS (SELECT 1 FROM dossier)::int" "$url")
    ;;
esac
if [ "$has" = 1 ]; then
  [ -e "$filled" ] || : > "$filled"
elif [ -e "$filled" ]; then   # an empty database would push the good backups out, one a night
  rm -- "$file.part"
  echo "cơ sở dữ liệu trống, các bản sao lưu trước thì không: xem docs/runbook.md. Nếu đúng là bắt đầu lại: xóa $filled" >&2
  echo "(the database is empty, its former backups are not: nothing is done; if that is right, remove $filled)" >&2
  exit 1
fi
# Whoever made it by hand as root: the night's backup and the trial run as the folder's owner, and must read it.
if [ "$(id -u)" = 0 ]; then
  for made in "$file.part" "$filled"; do [ ! -e "$made" ] || chown --reference="$folder" "$made"; done
fi
mv "$file.part" "$file"   # a backup has its name when it is whole
ls -1t "$folder"/tthc-*.dump "$folder"/tthc-*.sqlite3 2>/dev/null | tail -n "+$((keep + 1))" | while read -r old; do rm -- "$old"; done
{
  echo "# HELP tthc_backup_timestamp_seconds The newest moment that can be restored, by the program that copies."
  echo "# TYPE tthc_backup_timestamp_seconds gauge"
  echo "tthc_backup_timestamp_seconds{by=\"dump\"} $began"
} > "$folder/tthc_backup.prom.part"
chmod 644 "$folder/tthc_backup.prom.part"
mv "$folder/tthc_backup.prom.part" "$folder/tthc_backup.prom"
echo "$file"
