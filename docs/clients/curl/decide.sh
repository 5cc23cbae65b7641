#!/bin/sh
# Decide a case: confirm or dismiss, with a reason, or more_context.
#
#   SHRINK=https://shrink.example.org ANALYST_KEY=... ./decide.sh CASE_ID dismiss camera_error "the belt was empty"
set -eu
text() { printf '%s' "$1" | tr '\n\t' '  ' | sed 's/\\/\\\\/g; s/"/\\"/g'; }
curl -sS --fail-with-body --max-time 30 \
  "${SHRINK:?the server, for example https://shrink.example.org}/api/v1/cases/${1:?which case}/decision" \
  -H "Authorization: Api-Key ${ANALYST_KEY:?a key with the scope cases.decide}" \
  -H "Content-Type: application/json" \
  -d "{\"outcome\": \"$(text "${2:?confirm, dismiss or more_context}")\", \"reason\": \"$(text "${3:-}")\", \"note\": \"$(text "${4:-}")\"}"
echo
