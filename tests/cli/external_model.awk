#!/usr/bin/awk -f
# SPDX-License-Identifier: MIT
# A model in ten lines: parameters, input, output and id come from the command line.
BEGIN {
    while ((getline line < ARGV[1]) > 0) { split(line, f, ":"); p[f[1]] = f[2] + 0 }
    getline line < ARGV[2]
    printf "%s\tConc_%s\n", line, ARGV[4] > ARGV[3]
    while ((getline line < ARGV[2]) > 0) {
        split(line, f, "\t")
        flux = p["Beta[all]"] * p["R_appl"] * p["A_appl"] * f[3]
        wet = n++ > 0 && f[5] > 0 && f[2] > 0
        printf "%s\t%.9g\n", line, wet ? flux / (86400 * f[5]) * 1e6 + p["C_back[all]"] : 0 > ARGV[3]
    }
}
