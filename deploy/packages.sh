# The Debian packages of the project, and how to install those that are missing. Sourced by deploy/quickstart and
# tests/run; the Dockerfile names the same ones.

rig_build_packages=(
  g++ cmake ninja-build pkg-config
  prometheus-cpp-dev libmicrohttpd-dev zlib1g-dev libyaml-cpp-dev libudev-dev
  libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev
)
# Without it the GPUs are read from amdgpu's files in sysfs. Not built for every architecture.
rig_optional_packages=(librocm-smi-dev)

rig_test_packages=(catch2 python3 rocm-smi util-linux procps)
rig_check_packages=(clang-tidy clang-format)

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

say() { printf '\n== %s\n' "$*"; }

# Runs a command as root: directly, or by sudo.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages needs root: run this as root, install sudo, or install them yourself and use --no-install"
  fi
}

missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == 'install ok installed' ]] || printf '%s\n' "$package"
  done
}

# install_packages WHAT-FOR PACKAGE...: installs those that are missing.
install_packages() {
  local purpose=$1 missing
  shift
  command -v apt-get >/dev/null ||
    die "this installs Debian's packages and there is no apt-get here; install what README.md lists and use --no-install"
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    say "All packages $purpose are installed"
    return
  fi
  say "Installing ${#missing[@]} packages $purpose: ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# Those of the optional packages that this Debian has.
available_optional_packages() {
  local package
  for package in "${rig_optional_packages[@]}"; do
    [[ -n $(apt-cache search --names-only "^$package\$" 2>/dev/null) ]] && printf '%s\n' "$package"
  done
  return 0
}
