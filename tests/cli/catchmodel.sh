#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# catchmodel's command line: a run without shared data, its exit statuses, one line for each
# mistake, and an output that is whole or not there.
. "$(dirname "$0")/lib.sh"

catchmodel=$build_dir/catchmodel
version=$(sed -n 's/^project(catchsim VERSION \([0-9.]*\).*/\1/p' "$source_dir/CMakeLists.txt")

# --- help, version, usage ---
expect 0 "$catchmodel" --help
[ ! -s "$work/stderr" ] || fail "--help writes to stderr"
for word in Usage LAYOUT RUN PARAM OUT --help --version --quiet herbicide_application 65 74; do
    grep -q -- "$word" "$work/stdout" || fail "--help does not mention $word"
done
expect 0 "$catchmodel" --version
[ "$(cat "$work/stdout")" = "catchmodel $version" ] || fail "--version: $(cat "$work/stdout")"
for wrong in "" "a RUN b" "a RUN b c d" "a CAL b c" "--loud a RUN b c" "a RUN b --out=c"; do
    # shellcheck disable=SC2086
    expect 64 "$catchmodel" $wrong
    expect_one_error usage
    [ ! -s "$work/stdout" ] || fail "'$wrong' writes to stdout"
done

# --- it starts thousands of times: no library of the cluster ---
# (Sanitizers keep libraries that nothing calls.)
if [ -z "${CATCHSIM_SANITIZE:-}" ] &&
    ldd "$catchmodel" 2>/dev/null | grep -E 'libmpi|libmpich|libhdf5|libxml2|libdeflate'; then
    fail "catchmodel needs a library that it should not"
fi

# --- a run: rain of 4 mm/d washes 2 x 0.5 g/m2 off 1000 m2, into 2 m3/s ---
cd "$work"
mkdir run && cd run
cat >layout.xml <<'EOF'
<?xml version="1.0" encoding="UTF-8"?>
<layout version="0.3">
  <model type="biocide" id="b">
    <attribute>s</attribute>
    <parameter name="M_totalperA" value="0.5"/>
    <parameter name="A_appl" value="1000"/>
  </model>
  <data src="input.txt" timecol="step">
    <column export="1">Conc_7</column>
    <column>Flux</column>
  </data>
  <parameters/>
  <connection sourcedata="P" destobj="b" destport="P"/>
  <connection sourcedata="T" destobj="b" destport="T"/>
  <connection sourcedata="Q" destobj="b" destport="Q"/>
  <connection sourceobj="b" sourceport="C" destdata="Conc_7"/>
  <connection sourceobj="b" sourceport="Flux" destdata="Flux"/>
</layout>
EOF
printf 'Beta[s]: 2\nC_back[s]: 3\nsigma[Conc_7]: 1\n' >param.txt
printf 'step\tT\tP\tQ\tEmptymeas\n0.0\t1.50\t0.0\t2\tN/A\n%s\t1.50\t4\t2\tN/A\n' 0.041666666666666664 \
    >input.txt
printf 'step\tT\tP\tQ\tEmptymeas\tConc_7\tFlux\n0\t1.5\t0\t2\tNaN\t0\t0\n' >expected.txt
printf '0.0416666667\t1.5\t4\t2\tNaN\t23151.1481\t4000\n' >>expected.txt
cp ./* "$work"

expect 0 "$catchmodel" layout.xml RUN param.txt out.txt
cmp expected.txt out.txt || fail "the table is not the one computed by hand"
[ ! -s "$work/stdout" ] && [ ! -s "$work/stderr" ] || fail "a good run prints something"
expect_no_file out.txt.part
mkdir elsewhere # the input is found from the working directory, not from the layout's
expect 0 "$catchmodel" "$PWD/layout.xml" RUN "$PWD/param.txt" elsewhere/out.txt
cmp expected.txt elsewhere/out.txt
expect 0 "$catchmodel" --quiet -- layout.xml RUN param.txt out.txt # and replaces it
sed 's/$/\r/' input.txt >crlf.txt && mv crlf.txt input.txt
expect 0 "$catchmodel" layout.xml RUN param.txt out.txt
cmp expected.txt out.txt || fail "CRLF changes the table"
for file in layout.xml param.txt input.txt; do # as Notepad saves them
    { printf '\357\273\277' && cat "$file"; } >marked && mv marked "$file"
done
expect 0 "$catchmodel" layout.xml RUN param.txt out.txt
cmp expected.txt out.txt || fail "byte order marks change the table"
[ ! -s "$work/stderr" ] || fail "byte order marks are warned of"
expect 0 "$catchmodel" layout.xml RUN param.txt /dev/stdout
cmp expected.txt "$work/stdout" || fail "/dev/stdout"

# --- a warning does not end it ---
cp "$work/param.txt" .
printf 'beta[s]: 2\n' >>param.txt
expect 0 "$catchmodel" layout.xml RUN param.txt out.txt
grep -q '^catchmodel: warning: param.txt:4: no model has a parameter beta' "$work/stderr" ||
    fail "no warning of an unknown parameter"
expect 0 "$catchmodel" --quiet layout.xml RUN param.txt out.txt
[ ! -s "$work/stderr" ] || fail "--quiet warns"

# --- mistakes: the output that was there stays as it was ---
fresh() {
    rm -rf input.txt
    cp "$work"/{layout.xml,param.txt,input.txt} .
    printf 'old\n' >out.txt
}

# refused STATUS WORD...
refused() {
    local status=$1
    shift
    expect "$status" "$catchmodel" layout.xml RUN param.txt out.txt
    expect_one_error "$@"
    [ "$(cat out.txt)" = old ] || fail "the output was touched"
    expect_no_file out.txt.part
    fresh
}

fresh
rm layout.xml && refused 74 layout.xml
rm param.txt && refused 74 param.txt
rm input.txt && refused 74 input.txt
: >layout.xml && refused 65 layout.xml:1
head -c 300 "$work/layout.xml" >layout.xml && refused 65 layout.xml:9
sed -i 's/"biocide"/"insecticide"/' layout.xml && refused 65 layout.xml:3 insecticide iwq_quality
sed -i 's/destport="T"/destport="Temp"/' layout.xml && refused 65 layout.xml:14 Temp
sed -i 's/sourcedata="Q"/sourcedata="Qloc"/' layout.xml && refused 65 layout.xml:15 Qloc input.txt
sed -i 's/sourcedata="P"/sourceobj="b" sourceport="C"/' layout.xml && refused 65 "feeds itself"
sed -i '1a<!DOCTYPE layout [<!ENTITY x SYSTEM "/etc/passwd">]>' layout.xml
refused 65 layout.xml:2 DOCTYPE
sed -i 1d param.txt && refused 65 "parameter Beta is not given"
sed -i 's/: 2$/: two/' param.txt && refused 65 param.txt:1 two
printf 'M_x@0[b]: 1\n' >>param.txt && refused 65 param.txt:4 M_x
sed -i '3s/\t2\t/\tx\t/' input.txt && refused 65 input.txt:3 "column Q"
sed -i '3s/\t2\t/\t/' input.txt && refused 65 input.txt:3 fields
sed -i 2,3d input.txt && refused 65 input.txt:1 "no rows"
rm input.txt && mkdir input.txt && refused 74 input.txt

# --- an output that cannot be written ---
for read in layout.xml param.txt input.txt; do # none of them may be lost by a slip of the hand
    cp "$read" before
    expect 64 "$catchmodel" layout.xml RUN param.txt "$read"
    expect_one_error "$read" "would be replaced"
    cmp -s "$read" before || fail "the output has replaced $read"
done
rm before
expect 74 "$catchmodel" layout.xml RUN param.txt nowhere/out.txt
expect_one_error nowhere/out.txt
if [ -w /dev/full ]; then
    expect 74 "$catchmodel" layout.xml RUN param.txt /dev/full
    expect_one_error /dev/full
    [ -c /dev/full ] || fail "/dev/full was replaced by a file"
fi
mkdir folder.txt
expect 74 "$catchmodel" layout.xml RUN param.txt folder.txt
expect_one_error folder.txt
echo "catchmodel: done"
