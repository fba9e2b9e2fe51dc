#!/bin/sh
# SPDX-License-Identifier: MIT
# An external program that misbehaves: external_fault.sh INPUT OUTPUT ID. What it does follows from
# the id, or at random if FAULT_SEED is set; what it leaves running is `sleep $FAULT_NAP`.
nap=${FAULT_NAP:-987654}
kind=$3
if [ -n "${FAULT_SEED:-}" ]; then
    kind=$(((FAULT_SEED * 7919 + $3 * 104729) / 13 % 22 + 1))
fi
good() { awk -F '\t' -v id="$2" '{ print $0 "\t" (NR == 1 ? "Conc_" id : 7) }' "$1"; }
case $kind in
2) sleep "$nap" ;;                                       # hangs
3) kill -SEGV $$ ;;                                      # crashes
4) head -c 5000 /dev/urandom >"$2" ;;                    # garbage
5) : ;;                                                  # writes nothing
6) good "$1" "$3" | head -n 10 >"$2" ;;                  # short
7) good "$1" "$3" | sed '9s/7$/NaN/' >"$2" ;;            # NaN
8) head -c 1G /dev/zero ; good "$1" "$3" >"$2" ;;        # 1 GB of text
9) head -c 1G /dev/zero >"$2" ;;                         # 1 GB of output
10) sleep "$nap" & good "$1" "$3" >"$2" ;;               # a child that outlives it
11) setsid sleep "$nap" & good "$1" "$3" >"$2" ;;        # one in a session of its own
12) trap '' TERM HUP INT; while :; do sleep "$nap"; done ;; # ignores signals
13) echo "first line" >&2; echo "the disk is on fire" >&2; good "$1" "$3" >"$2"; exit 3 ;;
14) mkfifo "$2" ;;                                       # a pipe instead of a file
15) ln -s /etc/passwd "$2" ;;                            # a link to another file
16) kill -STOP $$ ;;                                     # stops
17) (setsid sh -c 'trap "" TERM; (setsid sleep "$1" &) ; sleep "$1"' - "$nap" &) ; sleep "$nap" ;;
18) good "$1" "$3" | sed '5s/7$/seven/' >"$2" ;;         # not numeric
19) mkdir -p a/b/c; : >a/b/c/d; chmod 0 a/b; chmod 500 .; good "$1" "$3" >"$2" ;;
20) good "$1" 0 >"$2" ;;                                 # another column
21) echo "unknown model" ; exit 0 ;;                     # complains, and exits 0
*) good "$1" "$3" >"$2" ;;
esac
