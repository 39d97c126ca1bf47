# shellcheck shell=bash
# Tells whether an executable links full Foundation. It costs 50 MB on disk and 8 MB of memory; FoundationEssentials is fine.

# without_foundation EXECUTABLE...   Fails and names those that do.
without_foundation() {
    local file evidence failed=0
    for file in "$@"; do
        [[ -r $file ]] || { echo "$file: no such file" && failed=1 && continue; }
        evidence=$(foundation_evidence "$file")
        [[ -z $evidence ]] || { echo "$file: error: links full Foundation: $evidence" && failed=1; }
    done
    return "$failed"
}

# Dynamic: the library is listed as needed. Static: names mangled for module Foundation (10 letters) are in the file, also in
# a stripped one (type metadata keeps them); those of FoundationEssentials begin with 20Foundation.
foundation_evidence() {
    local needed name
    needed=$(readelf -d "$1" 2>/dev/null | grep -oE 'lib_?(Foundation|FoundationInternationalization|FoundationICU)\.so' | xargs) || true
    name=$(grep -aoE '[$]s10Foundation[A-Za-z0-9_]{1,40}|10Foundation[A-Za-z0-9_]{4,40}' "$1" | head -n 1) || true
    if [[ -n $needed ]]; then echo "needs $needed"; elif [[ -n $name ]]; then echo "contains $name"; fi
}
