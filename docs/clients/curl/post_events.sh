#!/bin/sh
# Send a batch of POS events, a JSON list of 1 to 1,000, from a file or standard input.
# Tried again while the server is away: known events change nothing.
#
#   SHRINK=https://shrink.example.org TILL_KEY=... ./post_events.sh events.json
set -eu
curl -sS --fail-with-body --retry 5 --retry-connrefused --max-time 30 \
  "${SHRINK:?the server, for example https://shrink.example.org}/api/v1/pos/events" \
  -H "Authorization: Api-Key ${TILL_KEY:?a key with the scope pos.write}" \
  -H "Content-Type: application/json" --data-binary "@${1:--}"
echo
