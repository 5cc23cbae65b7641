#!/bin/sh
# All cases, a page of JSON to a line. Filters come as they stand in an address:
#
#   SHRINK=https://shrink.example.org ANALYST_KEY=... ./read_cases.sh "status=open&lane=L1"
set -eu
next="${SHRINK:?the server, for example https://shrink.example.org}/api/v1/cases?${1:-}"
while [ -n "$next" ]; do
  page=$(curl -sS --fail-with-body --retry 5 --retry-connrefused --max-time 30 "$next" \
    -H "Authorization: Api-Key ${ANALYST_KEY:?a key with the scope cases.read}") || { echo "$page" >&2; exit 1; }
  printf '%s\n' "$page"
  # `next` stands first and is a whole address; null, which has no quotes, ends the list.
  next=$(printf '%s' "$page" | sed -n 's/^{"next":"\([^"]*\)".*/\1/p')
done
