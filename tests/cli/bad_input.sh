#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bad input: one clear line, the documented exit status, no output that looks whole.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

mounted=()
cleanup_more() {
    local path
    for path in "${mounted[@]}"; do
        umount "$path" || true
    done
}

# mount_small FOLDER OPTIONS: a file system of its own; false where that is not allowed.
mount_small() {
    mkdir -p "$1"
    mount -t tmpfs -o "$2" tmpfs "$1" 2>/dev/null || return 1
    mounted+=("$1")
}

expect 0 "$catchmake" --output="$work/good.h5" --catchments=5 --hours=72 --seed=1
out=$work/out.h5
steps=$work/steps.h5

# refused STATUS WORD OPTION...: catchsim ends so, and its error line names WORD.
refused() {
    local status=$1 word=$2
    shift 2
    expect "$status" "$catchsim" --output="$out" --steps="$steps" "$@"
    expect_one_error "$word"
    expect_no_file "$out" "$steps"
}

# --- the input file ---
refused 74 nowhere.h5 --input="$work/nowhere.h5"
printf 'catchment,area\n1,2\n' >"$work/text.h5"
refused 65 text.h5 --input="$work/text.h5"
: >"$work/empty.h5"
refused 65 empty.h5 --input="$work/empty.h5"
refused 74 'a directory' --input="$work"
mkfifo "$work/pipe.h5" # nobody writes into it: opening it would wait for ever
refused 74 'pipe.h5: is no regular file' --input="$work/pipe.h5"
size=$(stat -c %s "$work/good.h5")
for part in 100 $((size / 2)) $((size - 1)); do
    head -c "$part" "$work/good.h5" >"$work/truncated.h5"
    refused 65 truncated.h5 --input="$work/truncated.h5"
    ! grep -qE '0x|time = |eof = |addr' "$work/stderr" || fail "HDF5's inner data in a line"
done

broken() { # DEFECT WORD
    "$python" "$here/lib.py" "$work/good.h5" "$work/$1.h5" "$1"
    refused 65 "$1.h5" --input="$work/$1.h5"
    expect_one_error "$2"
}
broken no-precipitation precipitation
broken no-catchment catchment
broken no-time time
broken no-area area
broken transposed local_discharge
broken one-dimension temperature
broken text-temperature temperature
broken unit furlong
broken time-unit fortnights
broken zero-catchments catchment
broken duplicate-id "$("$python" -c "import h5py, sys; print(h5py.File(sys.argv[1])['catchment'][1])" "$work/good.h5")"
broken nan-area area
broken negative-area area
broken zero-id catchment
broken time-backwards time

# Nothing is ever written over the input, or twice into one file, by whatever path it is named.
cp "$work/good.h5" "$work/kept.h5"
ln -s kept.h5 "$work/alias.h5"
cd "$work"
for path in kept.h5 "$work/kept.h5" ../"$(basename "$work")"/kept.h5 alias.h5; do
    expect 65 "$catchsim" --input="$work/kept.h5" --output="$path" --fresh
    expect_one_error "$path"
done
cmp good.h5 kept.h5 || fail "the input was changed"
expect 65 "$catchsim" --input=kept.h5 --output=one.h5 --steps="$work/one.h5"
expect_one_error one.h5
expect 74 "$catchsim" --input=kept.h5 --output=one.h5 --report=nowhere/report.json
expect_one_error nowhere/report.json
expect_no_file one.h5
cd - >/dev/null

# The same under a launcher: all ranks end together, one line in all.
set_launch 3
expect 65 "${launch[@]}" "$catchsim" --input="$work/unit.h5" --output="$out"
expect_one_error furlong
expect 74 "${launch[@]}" "$catchsim" --input="$work/nowhere.h5" --output="$out"
expect_one_error nowhere.h5
expect_no_file "$out"

# --- the configuration ---
config() { # BODY: the configuration around it
    cat >"$work/config.xml" <<EOF
<catchsim version="1">
  <input file="good.h5"/>
  $1
  <output results="out.h5" steps="steps.h5"/>
</catchsim>
EOF
}
engine='<engine name="exact" type="native"/>'
substance='<substance name="a" model="herbicide" engine="exact"/>'

refused_config() { # STATUS WORD
    expect "$1" "$catchsim" "$work/config.xml"
    expect_one_error config.xml "$2"
    expect_no_file "$out" "$steps"
}
config "$engine $substance <colour/>"
refused_config 65 colour
config "$engine <substance name='a' model='herbicide' engine='exact' colour='red'/>"
refused_config 65 colour
config "$engine <substance name='a' model='no_such_model' engine='exact'/>"
refused_config 65 no_such_model
config "$engine <substance name='a' model='herbicide' engine='nobody'/>"
refused_config 65 nobody
config "$engine <substance name='a' model='herbicide' engine='exact'>
  <parameter name='Etta' value='1'/></substance>"
refused_config 65 Etta
config "$engine <substance name='a' model='herbicide' engine='exact'>
  <parameter name='Eta' value='1' from='area'/></substance>"
refused_config 65 Eta
config "$engine <substance name='a' model='herbicide' engine='exact'>
  <parameter name='A_appl' from='no_such_variable'/></substance>"
refused_config 65 no_such_variable
config "$engine <substance name='a' model='herbicide' engine='exact'>
  <parameter name='Init_avail' value='1.5'/></substance>"
refused_config 65 Init_avail
config "$engine $substance <substance name='b' model='biocide' engine='exact'/>"
refused_config 64 '{substance}'

printf '<catchsim version="1"><input file="good.h5"/>' >"$work/config.xml"
refused_config 65 config.xml
printf 'no XML at all\n' >"$work/config.xml"
refused_config 65 config.xml
: >"$work/config.xml"
refused_config 65 config.xml
rm "$work/config.xml"
refused_config 74 config.xml

cat >"$work/config.xml" <<'EOF'
<!DOCTYPE catchsim [
  <!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">
  <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
  <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
  <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
  <!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
]>
<catchsim version="1"><input file="&e;"/></catchsim>
EOF
refused_config 65 config.xml
cat >"$work/config.xml" <<EOF
<!DOCTYPE catchsim [ <!ENTITY secret SYSTEM "file://$work/secret.txt"> ]>
<catchsim version="1"><input file="&secret;"/></catchsim>
EOF
echo tell-nobody >"$work/secret.txt"
refused_config 65 config.xml
! grep -q tell-nobody "$work/stderr" || fail "an external entity was read"

# --- a forcing value that is no number: this catchment only ---
"$python" "$here/lib.py" "$work/good.h5" "$work/nan-forcing.h5" nan-forcing
expect 2 "$catchsim" --input="$work/nan-forcing.h5" --output="$out" --steps="$steps"
"$python" - "$work/good.h5" "$out" "$work/stderr" "$work/stdout" <<'EOF'
import re
import sys
import h5py
import numpy as np

good, result = h5py.File(sys.argv[1]), h5py.File(sys.argv[2])
bad = int(good["catchment"][2])
said = open(sys.argv[3]).read() + open(sys.argv[4]).read()
assert re.search(rf"\b{bad}\b", said), f"catchment {bad} is not named"
status = result["run_status"]
meanings = status.attrs["flag_meanings"]
meanings = (meanings if isinstance(meanings, str) else meanings.decode()).split()
values = dict(zip(np.atleast_1d(status.attrs["flag_values"]).tolist(), meanings))
found = [values[int(v)] for v in status[:]]
assert found == ["ok", "ok", "invalid_input", "ok", "ok"], found
concentration = result["concentration"]
fill = concentration.attrs["_FillValue"]
missing = lambda x: np.isnan(x) | (x == fill)
assert missing(concentration[2]).all() and missing(result["load"][2]).all()
assert not missing(result["load"][:][[0, 1, 3, 4]]).any()
EOF
rm "$out" "$steps"

# --- the output ---
expect 0 "$catchsim" --input="$work/good.h5" --output="$out"
cp "$out" "$work/kept.h5"
expect 74 "$catchsim" --input="$work/good.h5" --output="$out"
expect_one_error out.h5
cmp "$out" "$work/kept.h5" || fail "an existing output was touched"
expect 0 "$catchsim" --input="$work/good.h5" --output="$out" --fresh
"$same" "$out" "$work/kept.h5" || fail "--fresh gave another result"
rm "$out"
expect 0 "$catchmake" --output="$work/again.h5" --catchments=5 --hours=72 --seed=1
expect 74 "$catchmake" --output="$work/nowhere/again.h5" --catchments=5 --hours=72
expect_one_error nowhere
refused 74 nowhere --input="$work/good.h5" --output="$work/nowhere/out.h5"

expect 0 "$catchmake" --output="$work/large.h5" --catchments=100 --hours=8760 --seed=1
if mount_small "$work/full" size=1m; then
    expect 74 "$catchsim" --input="$work/large.h5" --output="$work/full/out.h5"
    expect_one_error out.h5
    expect_no_file "$work/full/out.h5"
    rm -f "$work"/full/*
    expect 74 "$catchsim" --input="$work/large.h5" --output="$out" --steps="$work/full/steps.h5"
    expect_one_error steps.h5
    expect_no_file "$work/full/steps.h5" "$out"
    rm -f "$work"/full/*
    set_launch 3
    expect 74 "${launch[@]}" "$catchsim" --input="$work/large.h5" --output="$work/full/out.h5"
    expect_one_error out.h5
    expect_no_file "$work/full/out.h5"
    rm -f "$work"/full/*
    expect 74 "$catchmake" --output="$work/full/in.h5" --catchments=100 --hours=8760 --seed=1
    expect_one_error in.h5
    expect_no_file "$work/full/in.h5"
else
    echo "SKIP (in part) no space left: this user may not mount a small file system"
fi

# --- a file that may not grow (ulimit -f) is told like a full disk; no program dies of SIGXFSZ ---
limited() { # LAST WORD, COMMAND...: at most 256 KiB a file
    local word=$1
    shift
    # shellcheck disable=SC2016
    expect 74 bash -c 'ulimit -f 256 && exec "$@"' - "$@"
    expect_one_error "$word"
}
limited "$work/limited.h5" "$catchmake" --output="$work/limited.h5" --catchments=100 --hours=8760
limited "$work/limited.h5" "$catchsim" --input="$work/large.h5" --output="$work/limited.h5"
limited "$work/limited.txt" "$build_dir/factorize" 1..1000000 --output="$work/limited.txt"
rm -f "$work"/limited.txt.*
limited "$work/limited.h5" "$build_dir/factorize" 1..1000000 --output="$work/limited.h5"
limited "$work/limited.ndjson" "$build_dir/fakegen" --count=2000 --output="$work/limited.ndjson"
"$build_dir/fakegen" --quiet --count=20000 --output="$work/records.ndjson"
limited "$work/limited.txt" "$build_dir/ndpipe" --field=writers "$work/records.ndjson" "$work/limited.txt"
expect_no_file "$work"/limited*

# The superuser writes into a read-only directory, but not into a read-only file system.
if [ "$(id -u)" -ne 0 ]; then
    mkdir "$work/closed"
    chmod 500 "$work/closed"
    refused 74 closed --input="$work/good.h5" --output="$work/closed/out.h5"
elif mount_small "$work/closed" size=1m,ro; then
    refused 74 closed --input="$work/good.h5" --output="$work/closed/out.h5"
else
    echo "SKIP (in part) read-only directory: this user may not mount a file system"
fi
echo "bad input: done"
