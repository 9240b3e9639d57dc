#!/bin/sh
# Counts from 1, a number a line, so that there is something to start, to watch and to stop.
# Usage: count.sh [COUNT] [SECONDS]     COUNT numbers (10), SECONDS apart (1; fractions as sleep takes them)
count=${1:-10}
seconds=${2:-1}

case $count in
  '' | *[!0-9]*)
    echo "count.sh: expected COUNT to be a whole number, got \"$count\"" >&2
    exit 2
    ;;
esac

i=1
while [ "$i" -le "$count" ]; do
  echo "$i"
  # No pause after the last: the job is over.
  if [ "$i" -lt "$count" ]; then
    # sleep says itself what is wrong with its argument.
    sleep "$seconds" || exit 2
  fi
  i=$((i + 1))
done
