# shellcheck shell=bash
# Base images and the build of docker/Dockerfile with buildah. Needs common.sh, roots.sh; $work is this run's directory.

# chroot isolation and vfs work where containers may not be started and overlayfs is missing. Docker's format is the one
# that has HEALTHCHECK.
storage_flags() { printf '%s\n' --root "$work/storage" --runroot "$work/runroot" --storage-driver vfs; }

buildah_() {
    local flags
    mapfile -t flags < <(storage_flags)
    as_root env BUILDAH_ISOLATION=chroot BUILDAH_FORMAT=docker TMPDIR="$work" buildah "${flags[@]}" "$@"
}

# ------------------------------------------------------------------------------------------------ base images

# The file systems of both, kept in the cache; a changed recipe gives them another name.
ensure_base_images() {
    local recipe mirror old
    recipe=$(sha256sum <"$lib/make-base-images" | cut -c 1-10)
    base=$cache/image-base-$recipe
    exec 8>"$cache/image-base.lock"
    flock --nonblock 8 || { say "another run is making the base images; waiting for it" && flock 8; }
    if [[ ! -d $base ]]; then
        for old in "$cache"/image-base-*/ "$cache/image-base.building"; do as_root rm -rf --one-file-system "$old"; done
        mirror=$(find_mirror "$debian")
        task "base images of Debian $debian (once; kept in $cache)" as_root unshare --mount -- \
            "$lib/make-base-images" "$debian" "$cache/image-base.building" "$mirror" ||
            fail "could not make the base images" "The lines above say why; run again when that is mended."
        as_root mv -T "$cache/image-base.building" "$base"
    fi
    exec 8>&-
}

open_storage() {
    mkdir "$work/storage" "$work/runroot"
    task "loading the base images" load_base_images || fail "buildah could not make the base images" "See above."
}

load_base_images() { load_base runtime && load_base build lend_toolchain; }

# load_base NAME [COMMAND]   COMMAND CONTAINER DIRECTORY may change it before it becomes an image.
load_base() {
    local container directory
    container=$(buildah_ from --name "base-$1" scratch) &&
        directory=$(buildah_ mount "$container") &&
        as_root tar --extract --file "$base/$1.tar" --directory "$directory" --numeric-owner --preserve-permissions &&
        buildah_ config --cmd /bin/bash "$container" &&
        ${2:-true} "$container" "$directory" &&
        buildah_ commit --quiet --rm "$container" "localhost/base-$1"
}

# lend_toolchain CONTAINER DIRECTORY
# The toolchain is gigabytes: it is mounted while the build runs, not copied. So is a local mirror of Swift packages, when
# git on this machine is told to use one. Writes the arguments for the mounts to $work/volumes.
lend_toolchain() {
    local container=$1 directory=$2 usr entry key place lent
    declare -A lent=()
    usr=$(toolchain) || return 1
    printf '%s\n' --volume "$usr:/opt/toolchain/usr:ro" >"$work/volumes"
    while IFS= read -r -d '' entry; do
        key=${entry%%$'\n'*}
        place=${key#url.} place=${place%.insteadof} place=${place#file://}
        if [[ -d $place && -z ${lent[$place]:-} ]]; then
            lent[$place]=/opt/packages/${#lent[@]}
            printf '%s\n' --volume "$place:${lent[$place]}:ro" >>"$work/volumes"
        fi
        place=${lent[$place]:+${lent[$place]}/}
        as_root git config --file "$directory/etc/gitconfig" \
            --add "url.${place:-${key:4:-10}}.insteadOf" "${entry#*$'\n'}" || return 1
    done < <(git config --null --get-regexp '^url\..*\.insteadof$')
    as_root git config --file "$directory/etc/gitconfig" --add safe.directory '*' &&
        buildah_ config --env PATH=/opt/toolchain/usr/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
}

# usr of the toolchain that `swiftc` belongs to, wherever that is installed.
toolchain() {
    local resources
    resources=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
    [[ -d $resources ]] || fail "cannot find the Swift toolchain" "swiftc -print-target-info names none."
    (cd "$resources/../.." && pwd -P)
}

# ------------------------------------------------------------------------------------------------ build

# The compile first, as an image of its own: the toolchain is lent to it alone, and the three others start from it.
build_images() {
    local volumes target
    mapfile -t volumes <"$work/volumes"
    task "image stage: build" build_target docker/Dockerfile build "${volumes[@]}" || build_failed build
    stages_after_build <docker/Dockerfile >"$work/Dockerfile"
    for target in "${targets[@]}"; do
        task "image: $target" build_target "$work/Dockerfile" "$target" || build_failed "$target"
    done
}

# The Dockerfile with the image that was just built in place of the instructions of stage `build`. The cache of buildah
# would do the same, but its vfs storage copies the whole file system for each cached instruction: four minutes more.
stages_after_build() {
    awk '/^FROM / { compiles = / AS build$/; if (compiles) print "FROM localhost/build AS build" } !compiles'
}

build_failed() { fail "docker/Dockerfile does not build: stage $1" "The lines above say why."; }

# build_target FILE TARGET [OPTION...]
build_target() {
    buildah_ build --pull-never --file "$1" --ignorefile docker/Dockerfile.dockerignore \
        --build-arg BUILD_IMAGE=localhost/base-build --build-arg RUNTIME_IMAGE=localhost/base-runtime \
        --target "$2" --tag "localhost/$2" "${@:3}" .
}
