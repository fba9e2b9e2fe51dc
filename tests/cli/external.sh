#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An external program: its files, its surroundings, the same results for any ranks and workers.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
cp "$here/external_model.awk" "$work/model"
scratch=$work/scratch
mkdir "$scratch"

expect 0 "$catchmake" --output="$work/input.h5" --catchments=37 --hours=200 --seed=5
printf '# biocide\nBeta[all]: 1e-5\nR_appl: {R_appl}\nA_appl: {A_appl}\nC_back[all]: 1.5' \
    >"$work/param.txt"
config() { # ENGINE-BODY
    cat >"$work/config.xml" <<XML
<catchsim version="1"><input file="input.h5"/>
  <engine name="ours" type="native"/>
  <engine name="awk" type="external">$1</engine>
  <substance name="diuron" model="biocide" engine="awk">
    <parameter name="A_appl" from="facade_area"/><parameter name="R_appl" value="0.3"/>
    <parameter name="Beta" value="2e-5"/><parameter name="C_back" value="2"/>
  </substance>
  <output results="out.h5" steps="steps.h5" existing="replace" discharge="yes"/>
</catchsim>
XML
}
model='<program file="model"><argument>{parameters}</argument><argument>{input}</argument>
  <argument>{output}</argument><argument>{id}</argument></program>
  <parameters template="param.txt"/>'

# --- ten lines of awk are our own model, to the digits of its tables ---
config "$model"
expect 0 "$catchsim" "$work/config.xml" --scratch="$scratch"
[ -z "$(ls "$scratch")" ] || fail "scratch is left: $(ls "$scratch")"
cp "$work/out.h5" "$work/reference.h5"
cp "$work/steps.h5" "$work/reference-steps.h5"
expect 0 "$catchsim" "$work/config.xml" --engine=ours --output="$work/native.h5"
"$python" - "$work/reference.h5" "$work/reference-steps.h5" "$work/native.h5" <<'PY'
import sys
import h5py
import numpy as np

awk, steps, native = (h5py.File(path) for path in sys.argv[1:4])
for name in ("load", "concentration", "discharge", "local_discharge"):
    assert np.array_equal(awk[name][:], steps[name][:].T, equal_nan=True), name
rows = slice(1, None)  # the first row is as the program prints it
a, b = awk["concentration"][:, rows], native["concentration"][:, rows]
assert np.array_equal(np.isnan(a), np.isnan(b)) and (b > 2).any()
# results are stored as floats
assert np.nanmax(np.abs(a - b) / b.clip(1e-9)) < 5e-7, np.nanmax(np.abs(a - b))
dry = native["concentration"][:] == 0  # T <= 0: the background is not delivered either
a, b = awk["load"][:, rows], native["load"][:, rows]
assert np.allclose(a, b, rtol=1e-6, atol=1e-12), np.abs(a - b).max()
PY

# --- the same for any ranks and workers ---
for ranks in 1 3; do
    for workers in 1 4; do
        set_launch "$ranks"
        expect 0 "${launch[@]}" "$catchsim" "$work/config.xml" --scratch="$scratch" \
            --workers="$workers"
        for part in "" -steps; do
            result=$work/out.h5
            [ -z "$part" ] || result=$work/steps.h5
            "$same" "$work/reference$part.h5" "$result" ||
                fail "other results with $ranks ranks x $workers workers"
        done
    done
done
[ -z "$(ls "$scratch")" ] || fail "scratch is left: $(ls "$scratch")"

# --- a column of the table that is handed on keeps its unit ---
config "$model<series>
  <column name='step' from='time' unit='d'/><column name='T' from='temperature' unit='degC'/>
  <column name='P' from='precipitation' unit='mm d-1'/>
  <column name='Q' from='discharge' unit='m3 s-1'/>
  <column name='Qloc' from='local_discharge' unit='L s-1'/></series>"
cp "$work/model" "$work/model-m3"
sed -i 's|f\[5\]|(f[5] / 1000)|g' "$work/model"
expect 0 "$catchsim" "$work/config.xml" --scratch="$scratch"
"$python" - "$work/reference.h5" "$work/out.h5" <<'PY'
import sys
import h5py
import numpy as np

cubic, litres = (h5py.File(path) for path in sys.argv[1:3])
assert (cubic["load"][:] > 0).any()
for name in ("load", "concentration"):
    assert np.allclose(cubic[name][:], litres[name][:], rtol=1e-5, equal_nan=True), name
PY
mv "$work/model-m3" "$work/model"

# --- --check starts no program ---
config "${model/file=\"model\"/file=\"touch\"}"
printf '#!/bin/sh\ntouch %s/started\n' "$work" >"$work/touch"
chmod +x "$work/touch"
expect 0 "$catchsim" "$work/config.xml" --check --workers=3 --scratch="$scratch"
grep -q '37 runs of the program, 3 at once' "$work/stdout" || fail "--check does not count the runs"
expect_no_file "$work/started"
expect 2 "$catchsim" "$work/config.xml" --only=11 --scratch="$scratch" # it would have been seen
[ -e "$work/started" ] || fail "the program cannot be started: the test tests nothing"

# --- what a program sees: its files, arguments, folder, environment; no shell looks at arguments ---
"$python" - "$work/input.h5" "$work/names.h5" <<'PY'
import sys
import h5py

source = h5py.File(sys.argv[1])
result = h5py.File(sys.argv[2], "w")
for name in source:
    source.copy(name, result)
result.attrs.update(source.attrs)
names = ["../../x", "with blank", "\"quotes'", "<evil a='1'/>", "a&b;", "$(touch HERE)", "*"]
names += [f"plain {i}" for i in range(source["catchment"].size - len(names))]
result["catchment_name"] = names
PY
cat >"$work/layout.xml" <<'XML'
<layout version="0.3">
  <model id="{name}" area="{area}">{name}</model><data src="{input_file_name}" timecol="step"/>
</layout>
XML
cat >"$work/look" <<'SH'
#!/bin/sh
[ "${0##*/}" = look ] || { echo "called $0" >&2; exit 1; }
[ "$#" -eq 6 ] || { echo "$# arguments" >&2; exit 1; }
[ "$4" = '$(touch HERE) *' ] || { echo "argument: $4" >&2; exit 1; }
[ "$5" = "" ] || exit 1
[ "$OMP_NUM_THREADS" = 1 ] || exit 1
env | grep -E '^(OMPI_|PMIX_|PMI_|PRTE_|SLURM_|OMP_PLACES|OMP_PROC_BIND|OMP_WAIT_POLICY)' >&2 && exit 1
read -r line && exit 1
[ "$(ls | tr '\n' ' ')" = "input_$6.txt layout_$6.xml " ] || { ls >&2; exit 1; }
cp "layout_$6.xml" "SEEN/layout_$6.xml"
cp "$2" "SEEN/$2"
awk -F '\t' -v id="$6" '{ print $1 ";" (NR == 1 ? "C " id : 7) ";" $5 }' "$2" >"$3"
SH
mkdir "$work/seen"
sed -i "s|SEEN|$work/seen|g" "$work/look"
mv "$work/look" "$work/many-names"
ln -s many-names "$work/look"
cat >"$work/names.xml" <<'XML'
<catchsim version="1"><input file="names.h5"/>
  <engine name="look" type="external"><program file="look" wrapper="sh">
    <argument>{layout}</argument><argument>{input}</argument><argument>{output}</argument>
    <argument>$(touch HERE) *</argument><argument/><argument>{id}</argument></program>
    <layout template="layout.xml"/><result concentration="C {id}"/></engine>
  <substance name="any" model="not_ours" engine="look"/>
  <output results="names-out.h5"/>
</catchsim>
XML
set_launch 2
SLURM_JOB_ID=1 OMP_PLACES=cores OMP_PROC_BIND=close expect 0 "${launch[@]}" "$catchsim" "$work/names.xml" --scratch="$scratch"
[ "$(ls "$work/seen" | wc -l)" -eq 74 ] || fail "$(ls "$work/seen" | wc -l) files instead of 74"
[ -z "$(find "$work" -name HERE)" ] || fail "a shell has looked at an argument"
"$python" - "$work/names.h5" "$work/names-out.h5" "$work/seen" <<'PY'
import sys
import xml.etree.ElementTree as tree
import h5py
import numpy as np

names, out = h5py.File(sys.argv[1]), h5py.File(sys.argv[2])
for i, id_ in enumerate(out["catchment"][:]):
    model = tree.parse(f"{sys.argv[3]}/layout_{id_}.xml").getroot().find("model")
    name = names["catchment_name"][i].decode()
    assert model.get("id") == name and model.text == name, (name, model.get("id"))
    assert float(model.get("area")) == names["area"][i]
    # every number of the table is the input's, bit by bit
    table = np.genfromtxt(f"{sys.argv[3]}/input_{id_}.txt", names=True, delimiter="\t")
    for column, variable in (("T", "temperature"), ("Q", "discharge"), ("Qloc", "local_discharge")):
        assert np.array_equal(table[column], names[variable][i].astype("f8")), variable
    assert np.array_equal(table["P"], 24 * names["precipitation"][i].astype("f8"))
    assert np.array_equal(table["step"], np.arange(200) / 24)
PY

# --- what a program is not given is told, since it is perhaps a slip of the hand ---
config "$model"
expect 0 "$catchsim" "$work/config.xml"
if grep -q 'is not given' "$work/stderr"; then
    fail "parameters that are used are warned of"
fi
sed -i 's/name="Beta"/name="Betta"/' "$work/config.xml"
sed -i 's#</substance>#<initial name="M_avail" value="1"/></substance>#' "$work/config.xml"
expect 0 "$catchsim" "$work/config.xml"
for name in 'parameter Betta' 'initial M_avail'; do
    [ "$(grep -c "warning: substance diuron: the program is not given $name" "$work/stderr")" -eq 1 ] ||
        fail "no warning of $name"
done

# --- mistakes in templates and options, each with one line ---
refused() { # STATUS WORD OPTION...
    local status=$1 word=$2
    shift 2
    expect "$status" "$catchsim" "$work/config.xml" --output="$work/no.h5" --steps="$work/no-steps.h5" "$@"
    expect_one_error "$word"
    expect_no_file "$work/no.h5" "$work/no-steps.h5"
}
printf 'a: {no_such_number}\n' >"$work/bad.txt"
config "${model/param.txt/bad.txt}"
refused 65 '{no_such_number}'
config "${model/param.txt/nowhere.txt}"
refused 74 nowhere.txt
printf '<layout a="{area}">\n<b c="{mistake}"/></layout>' >"$work/bad.xml"
config "$model <layout template='bad.xml'/>"
refused 65 'bad.xml:2: {mistake}'
printf '<!DOCTYPE a [<!ENTITY e SYSTEM "/etc/passwd">]><a>&e;</a>' >"$work/bad.xml"
refused 65 bad.xml
config "${model/\{id\}/\{name\}}"
refused 65 '{name}'
config "${model/\{id\}/\{layout\}}"
refused 65 '{layout}'
config "$model <series><column name='a' from='temperature' unit='F'/></series>"
refused 65 config.xml

# --- what the system cannot execute is refused at the start; a wrapper, too ---
odd=("${model/file=\"model\"/file=\"odd\"}" "${model/file=\"model\"/file=\"model\" wrapper=\"./odd\"}")
cannot() { # WORD TEXT
    local body
    printf "$2" >"$work/odd"
    chmod +x "$work/odd"
    for body in "${odd[@]}"; do
        config "$body"
        (cd "$work" && refused 65 "$1")
        expect_one_error 'config.xml:3: engine awk' odd
    done
}
cannot '"/no/such/interp" after #!' '#!/no/such/interp -x\n'
cannot '"/etc/passwd" after #!' '#! /etc/passwd\n'
cannot '"sh" after #!' '#!sh\n'
cannot '"" after #!' '#!\nexit 0\n'
cannot 'Windows line ends' '#!/bin/sh\r\nexit 0\r\n'
cannot 'Windows line ends' '#!/usr/bin/env sh\r\nexit 0\r\n'
others=$(find /proc/sys/fs/binfmt_misc -mindepth 1 ! -name register ! -name status 2>/dev/null || true)
if [ -z "$others" ]; then # else the system may know what to do
    cannot 'neither a program nor a script' 'echo no first line\n'
    cannot 'neither a program nor a script' ''
    cannot 'a Windows program; give wrapper="wine"' 'MZ\220'
fi
printf '#!/usr/bin/env -S sh\nexec sh -c "$@"\n' >"$work/odd" # nothing is wrong with that
config "${odd[0]}"
expect 0 "$catchsim" "$work/config.xml" --check
chmod 0111 "$work/odd" # not to be read, but to be executed
expect 0 "$catchsim" "$work/config.xml" --check

config "$model"
refused 64 --workers --workers=0
refused 64 --timeout --timeout=-1
refused 64 --retries --retries=x
refused 74 /proc --scratch=/proc
echo "external programs: done"
