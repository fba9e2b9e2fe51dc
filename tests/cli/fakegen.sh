#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fakegen: the same bytes for any ranks, threads and file layouts; refusals; full disks, gone readers, signals.
. "$(dirname "$0")/lib.sh"
fakegen=$build_dir/fakegen
cd "$work"

# --- layouts: whole, packed, split, a file a rank, a pipe ---
"$fakegen" -q --count=6001 --output=one.ndjson
"$fakegen" -q --count=6001 --output=one.csv
"$fakegen" -q --count=6001 --output=one.ndjson.gz
[ "$(wc -l <one.ndjson)" -eq 6001 ] || fail "not 6001 records"
[ "$(wc -l <one.csv)" -eq 6002 ] || fail "not 6001 rows and a header"
gzip -dc one.ndjson.gz | cmp - one.ndjson || fail "packed is not the same"

per_rank() { # RANKS: the files of ranks in their order
    local i
    for ((i = 0; i < $1; i++)); do cat "part_$i.ndjson"; done
}

for ranks in 1 2 3 16; do
    set_launch "$ranks"
    for threads in 1 2 4; do
        export OMP_NUM_THREADS=$threads
        where="$ranks ranks, $threads threads"
        expect 0 "${launch[@]}" "$fakegen" -q --count=6001 --output=two.ndjson
        cmp one.ndjson two.ndjson || fail "one file: $where"
        expect 0 "${launch[@]}" "$fakegen" -q --count=6001 --output=two.ndjson.gz
        cmp one.ndjson.gz two.ndjson.gz || fail "packed: $where"
        if [ "$threads" -ne 4 ]; then
            expect 0 "${launch[@]}" "$fakegen" -q --count=6001 --per-rank --output=part.ndjson
            per_rank "$ranks" | cmp - one.ndjson || fail "a file a rank: $where"
            rm part_*
            expect 0 "${launch[@]}" "$fakegen" -q --count=6001
            cmp stdout one.ndjson || fail "a pipe: $where"
            expect 0 "${launch[@]}" "$fakegen" -q --count=6001 --split=2500 --output=s.csv
            [ "$(ls s_*)" = $'s_0.csv\ns_1.csv\ns_2.csv' ] || fail "split files: $where"
            cat s_0.csv <(tail -n +2 s_1.csv) <(tail -n +2 s_2.csv) | cmp - one.csv || fail "split: $where"
            rm s_*
        fi
    done
done
unset OMP_NUM_THREADS
expect_no_file ./*.part

# --- room on the disk that was asked for and not used is given back ---
for ranks in 1 2; do
    set_launch "$ranks"
    expect 0 "${launch[@]}" "$fakegen" -q --count=15000 --output=two.ndjson
    head -n 6001 two.ndjson | cmp - one.ndjson || fail "15,000 records: $ranks ranks"
    [ "$(stat -c '%b * 512 <= %s + 2097152' two.ndjson | xargs -I{} bash -c 'echo $(({}))')" -eq 1 ] ||
        fail "$(stat -c '%s bytes take %b blocks of 512' two.ndjson)"
done

# --- parts of the records, none, one ---
"$fakegen" -q --start=4711 --count=1 | cmp - <(sed -n 4712p one.ndjson) || fail "record 4711 alone"
expect 0 "$fakegen" -q --count=0 --output=none.ndjson
[ -f none.ndjson ] && [ ! -s none.ndjson ] || fail "0 records make an empty file"
expect 0 "$fakegen" -q --count=0 --gzip --output=none.gz
[ "$(gzip -dc none.gz | wc -c)" -eq 0 ] || fail "0 records packed"
"$fakegen" -q --count=1 --format=csv --no-header | cmp - <(sed -n 2p one.csv) || fail "no header"
cmp -s <("$fakegen" -q --count=1 --seed=2) <(head -n 1 one.ndjson) && fail "another seed, the same record"
expect 0 "$fakegen" -q --count=1000 --output=/dev/null
[ -c /dev/null ] || fail "/dev/null is no device any more"

# --- refusals: one line, 64 or 65, nothing left behind ---
refused() { # STATUS WORD OPTION...
    local status=$1 word=$2
    shift 2
    expect "$status" "$fakegen" "$@"
    expect_one_error "$word"
}
refused 64 count --output=x.ndjson
refused 64 table --schema=persons --output=x.csv
refused 64 tables --count=5 --output='x{table}.csv'
refused 64 exclude --count=5 --per-rank --split=2 --output=x.ndjson
refused 64 count --schema=persons --count=5 --output='x{table}.csv'
refused 64 split --count=5 --split=0
refused 64 format --count=5 --format=xml
refused 64 gzip --count=5 --gzip=13
refused 64 2^64 --count=5 --start=18446744073709551615
refused 74 no-such --count=5 --words=no-such-folder
refused 74 no-such --count=5 --output=no-such/x.ndjson
refused 74 missing.xml --count=5 --schema=missing.xml
bad() { # LINE WORD FIELD-XML..
    local line=$1 word=$2
    shift 2
    { echo '<records version="1">'; printf '%s\n' "$@" '</records>'; } >bad.xml
    refused 65 "bad.xml:$line:" --schema=bad.xml --count=11 --output=x.ndjson
    expect_one_error "$word"
    set_launch 2
    expect 65 "${launch[@]}" "$fakegen" --schema=bad.xml --count=11 --output=x.ndjson
    expect_one_error "bad.xml:$line:"
}
bad 2 nonsense '<field name="a" provider="nonsense"/>'
bad 3 'above max' '<field name="a" provider="name"/>' '<field name="b" provider="integer" min="2" max="1"/>'
bad 2 none.txt '<field name="a" provider="choice" file="none.txt"/>'
bad 2 circle '<field name="a" provider="hash" of="b"/>' '<field name="b" provider="hash" of="a"/>'
bad 2 'no number of 2 decimals' '<field name="a" provider="float" min="0.001" max="0.004"/>'
bad 2 'leaves 64 bits' '<field name="q" provider="sequence" start="9223372036854775798"/>'
bad 2 '10 values' '<field name="a" provider="pattern" text="#" unique="yes"/>'
expect_no_file x.ndjson x.ndjson.part x.csv

# --- files that would destroy each other: 64, both named, what is read untouched ---
same_files() { # "WORD.." OPTION...
    local word
    expect 64 "$fakegen" --count=5 "${@:2}"
    for word in $1; do expect_one_error "$word"; done
    cmp schema.xml kept.xml && cmp words/country.txt kept.txt && cmp list.txt kept.txt ||
        fail "fakegen ${*:2}: an input is lost"
}
mkdir words
printf 'Nowhere\n' | tee words/country.txt list.txt >kept.txt
echo '<records version="1"><field name="c" provider="choice" file="list.txt"/></records>' >schema.xml
cp schema.xml kept.xml
ln -s schema.xml same.xml
same_files --report=x.ndjson --output=x.ndjson --report=x.ndjson
same_files '--report=x.ndjson.part (x.ndjson)' --output=x.ndjson --report=x.ndjson.part
same_files --report=x_1.ndjson --split=2 --output=x.ndjson --report=x_1.ndjson
same_files schema.xml --schema=schema.xml --output=schema.xml
same_files './schema.xml same.xml' --schema=same.xml --output=./schema.xml
same_files 'same.xml schema.xml' --schema=schema.xml --output=same.xml # a link is written through
same_files list.txt --schema=schema.xml --output=list.txt
same_files words/country.txt --words=words --output=words/country.txt
same_files --report=schema.xml --schema=schema.xml --output=x.ndjson --report=schema.xml
same_files --report=words/country.txt --words=words --output=x.ndjson --report=words/country.txt
cp schema.xml other.xml.part
same_files 'other.xml other.xml.part' --schema=other.xml.part --output=other.xml
cmp other.xml.part kept.xml || fail "a schema that is called .part is lost"
set_launch 3
expect 64 "${launch[@]}" "$fakegen" --count=6 --split=2 --output=x.ndjson --report=x_1.ndjson
expect_one_error --report=x_1.ndjson
expect_no_file x.ndjson x_0.ndjson x_1.ndjson x_1.ndjson.part other.xml

# --- our own lists beside a schema; the RelaxNG schema knows what we take ---
printf 'red\ngreen\n' >colours.txt
cat >mine.xml <<'EOF'
<records version="1" name="mine">
  <field name="n" provider="sequence"/><field name="c" provider="choice" file="colours.txt"/>
  <field name="v" provider="choice" count="2"><value weight="2">a</value><value>b</value></field>
  <field name="t" provider="template" text="{1..9} {word}" null="0.5"/>
  <field name="h" provider="hash" of="n c"/><field name="p" provider="pattern" text="#?" unique="yes"/>
</records>
EOF
expect 0 "$fakegen" -q --schema=mine.xml --count=100
[ "$(grep -cE '^\{"n":[0-9]+,"c":"(red|green)","v":\["[ab]","[ab]"\],"t":(null|"[1-9] [a-z]+"),"h":"[0-9a-f]{32}","p":"[0-9][A-Z]"\}$' stdout)" -eq 100 ] || fail "a schema of our own"
if command -v xmllint >/dev/null; then
    rules=$source_dir/inputs/records.rng
    xmllint --noout --relaxng "$rules" mine.xml "$source_dir/inputs/movies.xml" \
        "$source_dir/inputs/persons.xml" bad.xml 2>lint || fail "records.rng refuses: $(cat lint)"
    sed 's/pattern/nonsense/' bad.xml >worse.xml
    xmllint --noout --relaxng "$rules" worse.xml 2>/dev/null && fail "records.rng takes nonsense"
fi

# --- a reader that goes away is no error and no noise ---
# Without a launcher: Open MPI's mpiexec itself is ended by SIGPIPE then.
{ "$fakegen" -q --count=3000000 2>gone; echo $? >status; } | head -n 1 >first
cmp first <(sed -n 1p one.ndjson) || fail "the first line"
[ "$(cat status)" -eq 0 ] || fail "a gone reader: status $(cat status)"
[ ! -s gone ] || fail "a gone reader: $(cat gone)"

# --- signals: 75, one line, nothing that looks whole; also where a reader does not read ---
stop() { # SIGNAL FILE COMMAND...: ends it once there is something in FILE
    local signal=$1 begun=$2 i job status=0
    shift 2
    "$@" 2>stderr &
    job=$!
    for ((i = 0; i < 600; i++)); do
        [ ! -s "$begun" ] || break
        sleep 0.05
    done
    [ -s "$begun" ] || fail "not begun: $* $(cat stderr)"
    kill "-$signal" "$job"
    wait "$job" || status=$?
    [ "$status" -eq 75 ] || fail "exit status $status instead of 75 after SIG$signal: $(cat stderr)"
    expect_one_error "SIG$signal"
}
# packed, so that no disk is filled meanwhile
endless=("$fakegen" -q --count=1000000000 --gzip=12)
for signal in TERM USR1; do
    stop "$signal" endless.gz.part "${endless[@]}" --output=endless.gz
    expect_no_file endless.gz endless.gz.part
done
if [ "$flavour" = openmpi ]; then # its mpiexec forwards this one to the ranks
    set_launch 2
    stop USR1 endless.gz.part "${launch[@]}" "${endless[@]}" --output=endless.gz
    expect_no_file endless.gz endless.gz.part
fi
mkfifo stuck
(head -c 10 >stuck.first && exec sleep 60) <stuck &
reader=$!
stop TERM stuck.first "${endless[@]}" --output=stuck
kill "$reader"

# --- a full disk: 74, and no file that looks whole ---
cat >full.sh <<'EOF'
mkdir full
mount -t tmpfs -o size=4m none full
status=0
"$@" --output=full/x.ndjson || status=$?
ls -A full >left
exit "$status"
EOF
if unshare --mount true 2>/dev/null; then
    for ranks in 1 2; do
        rm -rf full left
        set_launch "$ranks"
        expect 74 unshare --mount bash full.sh "${launch[@]}" "$fakegen" -q --count=20000
        expect_one_error "No space left"
        [ ! -s left ] || fail "left on the full disk: $(cat left)"
    done
else
    echo "SKIP: no right to mount: the full disk is not tested"
fi

# --- a link is written through; what was there is replaced ---
ln -s linked.ndjson link.ndjson
expect 0 "$fakegen" -q --count=3 --output=link.ndjson
[ -L link.ndjson ] && [ "$(wc -l <linked.ndjson)" -eq 3 ] || fail "a link"
expect 0 "$fakegen" -q --count=2 --output=one.csv --report=report.json
[ "$(wc -l <one.csv)" -eq 3 ] || fail "an existing file is replaced"
"$python" -c 'import json
r = json.load(open("report.json"))
assert r["records"] == 2 and r["bytes"] > 2000, r'
echo "fakegen: done"
