#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs that were killed go on: with other ranks and threads, at random moments, with the same result
# and little work redone; other settings, finished outputs and unfinished ones are told apart.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

expect 0 "$catchmake" --quiet --output="$work/input.h5" --catchments=1500 --hours=2000 --seed=2
run=("$catchsim" --input="$work/input.h5" --output="$work/out.h5" --steps="$work/steps.h5"
    --progress=none)

# kill_after SECONDS COMMAND...: 137 if it was killed, else its own status.
kill_after() {
    local status=0
    timeout -s KILL "$1" "${@:2}" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
    return "$status"
}

left() { # names of what is not finished
    (cd "$work" && ls -d -- *.part *.part2 *.journal 2>/dev/null || true) | tr '\n' ' '
}

# A run of one rank that was killed after its first blocks.
begin() { # OPTION...
    local seconds
    for seconds in 0.15 0.3 0.5 0.8 1.2 2 4; do
        kill_after "$seconds" "${run[@]}" "$@" && fail "the run ends before it is killed"
        [ "$(stat -c %s "$work/out.h5.journal" 2>/dev/null || echo 0)" -le 300 ] || return 0
        rm -f "$work"/*.part* "$work"/*.journal
    done
    fail "nothing is recorded after $seconds s"
}

same_as_reference() { # WHAT
    "$same" "$work/reference.h5" "$work/out.h5" || fail "$1: another result"
    "$same" "$work/reference-steps.h5" "$work/steps.h5" || fail "$1: another step file"
    [ -z "$(left)" ] || fail "$1: left behind: $(left)"
}

# --- nothing there: --resume begins; reference for all that follows ---
OMP_NUM_THREADS=2 expect 0 "${run[@]}" --resume
mv "$work/out.h5" "$work/reference.h5"
mv "$work/steps.h5" "$work/reference-steps.h5"
[ -z "$(left)" ] || fail "left behind: $(left)"

# --- killed: refused without an option, with another setting, and by --check; then resumed ---
export OMP_NUM_THREADS=1
begin
expect 74 "${run[@]}"
expect_one_error out.h5 --resume --fresh
expect 74 "${run[@]}" --check
expect_one_error out.h5 --resume
expect 65 "${run[@]}" --resume --first=1400
expect_one_error out.h5 catchments 1500 1400
expect 65 "${run[@]}" --resume --model=biocide
expect_one_error out.h5 herbicide biocide
expect 64 "${run[@]}" --resume --fresh
expect 0 "${run[@]}" --resume --verbose
same_as_reference "resumed"

# --- damaged: what cannot be read any longer is told, and nothing is thrown away for it ---
damage() { # BYTE
    cp "$work/out.h5.journal" "$work/kept"
    printf '\xAA' | dd of="$work/out.h5.journal" bs=1 seek="$1" conv=notrunc status=none
}
rm "$work/out.h5" "$work/steps.h5"
begin
damage 300
for option in --resume --progress=none; do
    expect 65 "${run[@]}" "$option"
    expect_one_error out.h5.journal damaged --fresh
done
mv "$work/kept" "$work/out.h5.journal"
size=$(stat -c %s "$work/out.h5.journal")
damage "$((size - 100))"
expect 0 "${run[@]}" --resume
same_as_reference "resumed from a damaged journal"

# --- finished: nothing is touched, other settings are refused ---
before=$(stat -c '%Y %Z %i %s' "$work/out.h5" "$work/steps.h5"; stat -c %Y%Z "$work")
expect 0 "${run[@]}" --resume
grep -q 'finished by an earlier run' "$work/stdout" || fail "it is not told that all was finished"
[ "$before" = "$(stat -c '%Y %Z %i %s' "$work/out.h5" "$work/steps.h5"; stat -c %Y%Z "$work")" ] ||
    fail "a finished output was touched"
expect 65 "${run[@]}" --resume --to=2021-01-20
expect_one_error out.h5 'time steps'
expect 74 "${run[@]}"
mv "$work/steps.h5" "$work/away.h5"
expect 74 "${run[@]}" --resume
expect_one_error steps.h5 'not there'
rm "$work/out.h5"
echo "options: done"

# --- --fresh begins anew ---
begin
expect 0 "${run[@]}" --fresh
same_as_reference "begun anew"
rm "$work/out.h5" "$work/steps.h5"

# --- bytes of a .part that were lost are computed again ---
begin
"$python" - "$work/out.h5.part" <<'PY'
import os, sys
size = os.path.getsize(sys.argv[1])
with open(sys.argv[1], "r+b") as f:
    for at in range(size // 2, size, 50000):
        f.seek(at)
        f.write(b"lost lost lost")
PY
rm -f "$work/steps.h5.part"
expect 0 "${run[@]}" --resume
grep -q 'was lost, and is computed again' "$work/stderr" || fail "losses were not noticed"
same_as_reference "after losses"
rm "$work/out.h5" "$work/steps.h5"
echo "losses: done"

# --- any ranks and threads, killed at random, five times or more ---
n_kills=0
for round in 1 2 3; do
    for ((attempt = 0; attempt < 40; attempt++)); do
        ranks=$((RANDOM % 3 + 1))
        set_launch "$ranks"
        status=0
        OMP_NUM_THREADS=$((RANDOM % 2 + 1)) kill_after "0.$((RANDOM % 80 + 15))" \
            "${launch[@]}" "${run[@]}" --resume || status=$?
        [ "$status" -ne 0 ] || break
        [ "$status" -eq 137 ] || [ "$attempt" -gt 0 ] ||
            fail "status $status of a run of $ranks ranks: $(cat "$work/stderr")"
        n_kills=$((n_kills + 1))
    done
    # ranks of a killed launcher live on for moments: the lock is waited for
    expect 0 "${run[@]}" --resume
    same_as_reference "killed at random, round $round"
    rm "$work/out.h5" "$work/steps.h5"
done
echo "random kills: $n_kills"

# --- a program's runs: at most those in flight are done again; two substances; compared engines ---
cat >"$work/model" <<'EOF'
#!/bin/sh
sleep 0.02
awk 'NR == 1 { print "t\tConc_x"; next } { print $1 "\t" $2 }' "$1" >"$2"
echo x >>"$STARTS"
EOF
chmod +x "$work/model"
cat >"$work/two.xml" <<'XML'
<catchsim version="1"><input file="input.h5"/>
  <engine name="program" type="external" workers="2">
    <program file="model"><argument>{input}</argument><argument>{output}</argument></program>
    <series><column name="t" from="time" unit="d"/>
      <column name="P" from="precipitation" unit="mm d-1"/></series>
    <result concentration="Conc_x"/></engine>
  <substance name="a" model="herbicide" engine="program"/>
  <substance name="b" model="biocide" engine="program"/>
  <output results="{substance}.h5" steps="{substance}-steps.h5" existing="resume"/>
  <journal interval="1" fsync="no"/>
</catchsim>
XML
export STARTS=$work/starts
two=("$catchsim" "$work/two.xml" --engine=both --first=60 --to=2021-01-10 --scratch="$work"
    --progress=none)
: >"$STARTS"
expect 0 "${two[@]}"
for substance in a b; do
    mv "$work/$substance.h5" "$work/ref-$substance.h5"
    mv "$work/$substance-steps.h5" "$work/ref-$substance-steps.h5"
done
n_needed=$(wc -l <"$STARTS")
: >"$STARTS"
n_kills=0
for seconds in 0.4 0.5 0.6 0.7 5; do
    status=0
    kill_after "$seconds" "${two[@]}" || status=$?
    [ "$status" -ne 0 ] || break
    [ "$status" -eq 137 ] || fail "status $status: $(cat "$work/stderr")"
    n_kills=$((n_kills + 1))
done
[ "$n_kills" -ge 2 ] || fail "only $n_kills kills"
expect 0 "${two[@]}"
for substance in a b; do
    "$same" "$work/$substance.h5" "$work/ref-$substance.h5" || fail "$substance: another result"
    "$same" "$work/$substance-steps.h5" "$work/ref-$substance-steps.h5" ||
        fail "$substance: another step file"
done
n_again=$(($(wc -l <"$STARTS") - n_needed))
# in flight of a kill: two workers, each with a next one that it may have begun
[ "$n_again" -le $((4 * n_kills)) ] || fail "$n_again program runs were done again after $n_kills kills"
grep -q 'finished by an earlier run' "$work/stdout" || fail "a finished substance was run again"
echo "programs: $n_kills kills, $n_again of $n_needed runs done again"

# --- mistakes in the input leave nothing to resume ---
"$python" "$here/lib.py" "$work/input.h5" "$work/bad.h5" nan-area
expect 65 "$catchsim" --input="$work/bad.h5" --output="$work/none.h5"
expect_no_file "$work"/none.h5{,.part,.part2,.journal}
[ -z "$(left)" ] || fail "left behind: $(left)"
echo "resume: done"
