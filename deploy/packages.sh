# shellcheck shell=bash
# The Debian packages that the project needs, and functions to install them. Sourced by deploy/quickstart, tests/run and
# the Dockerfile. A package whose name ends in ? is optional: it is not installed if apt does not provide it.

rig_build_packages=(
  g++ cmake ninja-build pkg-config
  prometheus-cpp-dev libboost-dev libgnutls28-dev libcrypt-dev libdeflate-dev libyaml-cpp-dev libudev-dev
  libcli11-dev libfmt-dev nlohmann-json3-dev
  # Without it, GPUs are read from sysfs only. Not available on all architectures.
  'librocm-smi-dev?'
)
# The names of AMD GPUs.
rig_run_packages=('libdrm-common?')
# What the container image takes from Debian in addition to the libraries of the build.
rig_image_packages=(librocm-smi64-1 libdrm-common)
# What makes the Debian package and the tarball.
rig_release_packages=(dpkg-dev file patchelf python3)

rig_test_packages=("${rig_release_packages[@]}" catch2 zlib1g-dev 'python3-prometheus-client?' util-linux procps iproute2 openssl 'systemd?' 'rocm-smi?' 'libdrm-common?' 'qemu-system-x86?' 'lld?' 'zsh?' 'fish?'
  'valgrind?' 'strace?' 'lintian?' 'man-db?' 'busybox-static?')
# The live page in a browser, and linters for its sources.
rig_page_test_packages=('chromium?')
# The npm of other packages of Node.js conflicts with Debian's.
command -v npm >/dev/null || rig_page_test_packages+=('nodejs?' 'npm?')
# The compose file, and overlays for Kubernetes. Other packages of kubectl conflict with Debian's.
rig_test_packages+=('python3-yaml?' 'python3-kubernetes?')
command -v kubectl >/dev/null || rig_test_packages+=('kubernetes-client?')
rig_check_packages=(clang-tidy clang-format clang)
# The package clang does not contain the libraries of libFuzzer and the sanitizers; their reports need llvm-symbolizer.
rig_sanitizer_packages=(clang libclang-rt-dev llvm)

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

say() { printf '\n== %s\n' "$*"; }

# as_root COMMAND...: runs it as root, with sudo if necessary.
as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

# missing_packages PACKAGE...: prints those that are not installed, one per line.
missing_packages() {
  local package
  for package; do
    [[ $(dpkg-query -W -f '${Status}' "${package%\?}" 2>/dev/null) == 'install ok installed' ]] || printf '%s\n' "$package"
  done
}

# show_apt_progress FILE: writes apt's output to a file, and counts its steps on the terminal.
show_apt_progress() {
  local line steps=0
  while IFS= read -r line; do
    printf '%s\n' "$line"
    [[ -t 2 && $line =~ ^(Get:|Unpacking|Setting) ]] && printf '\r  %s steps' "$((++steps))" >&2
  done >"$1"
  ((steps == 0)) || printf '\r\033[K' >&2
}

# install_packages PURPOSE PACKAGE...: installs those that are missing.
install_packages() {
  local purpose=$1 missing chosen=() package log=build/apt.log began=$SECONDS
  shift
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    die "apt-get not found; install the packages listed in deploy/packages.sh yourself and use --no-install"
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    say "All packages $purpose are already installed"
    return
  fi
  [[ $(id -u) == 0 ]] || command -v sudo >/dev/null ||
    die "missing packages: ${missing[*]%\?}. Installing them needs root: run this as root, install sudo, or install them" \
        "yourself and use --no-install"
  say "Installing ${#missing[@]} packages $purpose: ${missing[*]%\?}"
  mkdir -p build
  as_root apt-get update -q 2>&1 | show_apt_progress $log || {
    tail -n 3 $log
    printf 'apt-get update failed; continuing with the existing package lists\n'
  }
  for package in "${missing[@]}"; do
    if [[ $package != *\? ]]; then
      chosen+=("$package")
    elif [[ $(LC_ALL=C apt-cache policy "${package%\?}") =~ Candidate:\ [^\(] ]]; then
      chosen+=("${package%\?}")
    else
      printf '%s is not available; continuing without it\n' "${package%\?}"
    fi
  done
  ((${#chosen[@]})) || return 0
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "${chosen[@]}" 2>&1 |
    show_apt_progress $log || {
    grep -E '^E:' $log || tail -n 20 $log
    die "apt-get install failed; its output is in $log"
  }
  printf 'installed in %s s\n' $((SECONDS - began))
}
