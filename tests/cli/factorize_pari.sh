#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Lists of random integers up to 64 bits, of semiprimes and of prime powers have the factors that
# PARI/GP finds; and those of 128 bits, where FLINT was built in.
. "$(dirname "$0")/lib.sh"

factorize=$build_dir/factorize
command -v gp >/dev/null || { echo "SKIP: no gp"; exit 77; }

cat >"$work/make.gp" <<'EOF'
default(parisize, "64M"); setrand(20261122);
line(n) = { my(f = factor(n)); printf("%s:", n);
  for (i = 1, #f~, for (k = 1, f[i, 2], printf(" %s", f[i, 1]))); printf("\n") };
for (i = 1, 3000, line(2 + random(2^64 - 2)));
for (b = 8, 32, for (i = 1, 20, line(randomprime([2^(b - 1), 2^b]) * randomprime([2^(b - 1), 2^b]))));
for (b = 4, 21, line(randomprime([2^(b - 1), 2^b])^3));
for (i = 1, 20, line(2^64 - random(2^20) - 1));
EOF
cat >"$work/large.gp" <<'EOF'
setrand(7);
line(n) = { my(f = factor(n)); printf("%s:", n);
  for (i = 1, #f~, for (k = 1, f[i, 2], printf(" %s", f[i, 1]))); printf("\n") };
for (i = 1, 40, line(2^64 + random(2^100)));
EOF
gp -q "$work/make.gp" </dev/null >"$work/wanted" 2>"$work/stderr" || fail "gp"
[ "$(wc -l <"$work/wanted")" -eq 3538 ] || fail "gp made $(wc -l <"$work/wanted") lines"
cut -d: -f1 "$work/wanted" >"$work/list"
for threads in 1 3; do
    OMP_NUM_THREADS=$threads expect 0 "$factorize" --from="$work/list"
    cmp "$work/wanted" "$work/stdout" || fail "other factors than PARI's with $threads threads"
done
set_launch 3
expect 0 "${launch[@]}" "$factorize" --from="$work/list" --output="$work/three"
cmp "$work/wanted" "$work/three" || fail "other factors than PARI's with 3 ranks"
echo "64 bits: done"

gp -q "$work/large.gp" </dev/null >"$work/wanted" 2>"$work/stderr" || fail "gp"
cut -d: -f1 "$work/wanted" >"$work/list"
status=0
"$factorize" --from="$work/list" >"$work/stdout" 2>"$work/stderr" || status=$?
if [ "$status" -eq 65 ] && grep -qi flint "$work/stderr"; then
    echo "without FLINT: not compared beyond 64 bits"
else
    [ "$status" -eq 0 ] || fail "exit status $status with integers beyond 64 bits"
    cmp "$work/wanted" "$work/stdout" || fail "other factors than PARI's beyond 64 bits"
fi
echo "factorize against PARI: done"
