#!/bin/sh
# install.sh: installs the programs of this directory as a service, or upgrades an installation. As root:
#
#   --prefix DIRECTORY   where to install (default: /opt/rig_exporter; that of an installed install.sh: its own directory)
#   --no-service         without the service: also works without systemd and as another user
#   --uninstall          removes an installation; its configuration only if nobody has changed it
#   --help               prints this help
#
# It writes to the prefix only, but for the unit in /etc/systemd/system, and the groups render and video if they are missing.
# The user is a dynamic one, which exists while the service runs. Nothing has to be installed: the programs also run from here.
set -eu

name=rig_exporter
units=/etc/systemd/system
# What belongs to an installation, other than the configuration.
parts='bin lib libexec share CHANGELOG.md LICENSE SHA256SUMS install.sh sbom.cdx.json'
prefix='' service=1 uninstall=''

die() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -ge 2 ] || die '--prefix needs a directory'; prefix=$2; shift ;;
    --prefix=*) prefix=${1#*=} ;;
    --no-service) service='' ;;
    --uninstall) uninstall=1 ;;
    --help | -h) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit ;;
    *) die "unknown argument $1; see --help" ;;
  esac
  shift
done
source=$(cd "$(dirname "$0")" && pwd -P)
if [ -z "$prefix" ]; then
  prefix=/opt/$name
  [ ! -d "$source/etc" ] || prefix=$source  # the tarball has none
fi
case $prefix in
  /*) ;;
  *) prefix=$PWD/$prefix ;;
esac
# One spelling, by which the unit is recognized.
if [ -d "$prefix" ]; then prefix=$(cd "$prefix" && pwd -P); fi
while [ "$prefix" != "${prefix%/}" ]; do prefix=${prefix%/}; done
[ -n "$prefix" ] || die '--prefix cannot be /'
# A unit has its own rules for these characters.
case $prefix in
  *[!A-Za-z0-9_./+-]*) [ -z "$service" ] || die "--prefix: a service needs one of letters, digits, and _./+- only: $prefix" ;;
esac

is_installed() { [ -f "$prefix/SHA256SUMS" ] && [ -x "$prefix/bin/$name" ]; }
# The unit of this prefix, not that of another one.
has_unit() { grep -qs "^ExecStart=$prefix/bin/$name " "$units/$name.service"; }
runs_systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }

remove_service() {
  has_unit || return 0
  [ "$(id -u)" = 0 ] || die 'run this as root: the installation has a service'
  if runs_systemd; then
    systemctl --quiet disable --now $name.socket $name.service || true
  fi
  rm -f "$units/$name.service" "$units/$name.socket"
  ! runs_systemd || systemctl daemon-reload
}

remove_configuration_unless_changed() {
  if [ -f "$prefix/etc/rig.yml" ] && cmp -s "$prefix/etc/rig.yml" "$prefix/share/$name/rig.yml"; then
    rm "$prefix/etc/rig.yml"
  fi
  rmdir "$prefix/etc" 2>/dev/null || [ ! -d "$prefix/etc" ] || printf '%s is kept: it has been changed\n' "$prefix/etc"
}

if [ -n "$uninstall" ]; then
  is_installed || die "there is no $name in $prefix; set --prefix"
  remove_service
  remove_configuration_unless_changed
  for part in $parts; do rm -rf "${prefix:?}/$part"; done
  rmdir "$prefix" 2>/dev/null || true
  printf '%s is no longer installed in %s\n' $name "$prefix"
  exit
fi

# --- Checks, before anything is changed
(cd "$source" && sha256sum -c SHA256SUMS >/dev/null) || die 'files of the tarball are missing or damaged: unpack it again'
"$source/bin/$name" --version >/dev/null || die 'the program does not run here: it needs x86-64 and Linux 5.4 or later'
if [ -n "$service" ]; then
  [ "$(id -u)" = 0 ] || die 'a service needs root; use --no-service without'
  runs_systemd || die 'systemd is not running here; use --no-service'
  [ ! -e "$units/$name.service" ] || has_unit ||
    die "$units/$name.service is of another installation: uninstall that first, or use --no-service"
fi
if [ -e "$prefix" ] && ! is_installed && [ -n "$(ls -A "$prefix")" ] && [ "$(ls -A "$prefix")" != etc ]; then
  die "$prefix is neither empty nor an earlier installation"
fi

# --- Files. All are copied before the first is replaced.
mkdir -p "$prefix/etc"
prefix=$(cd "$prefix" && pwd -P)
if [ "$prefix" != "$source" ]; then
  copy=$prefix/.new.$$
  trap 'rm -rf "$copy"' EXIT
  trap 'exit 1' HUP INT TERM
  mkdir "$copy"
  for part in $parts; do cp -RP "$source/$part" "$copy/"; done
  chmod -R u+w,go-w,a+rX "$copy"
  # The configuration follows the new defaults if it had the old ones.
  if [ -f "$prefix/etc/rig.yml" ] && cmp -s "$prefix/etc/rig.yml" "$prefix/share/$name/rig.yml"; then
    rm "$prefix/etc/rig.yml"
  fi
  for part in $parts; do
    rm -rf "${prefix:?}/$part"
    mv "$copy/$part" "$prefix/"
  done
fi
[ -e "$prefix/etc/rig.yml" ] || cp "$prefix/share/$name/rig.yml" "$prefix/etc/rig.yml"
[ "$(id -u)" != 0 ] || ! command -v restorecon >/dev/null || restorecon -R "$prefix" || true
printf '%s is installed in %s\n' "$("$prefix/bin/$name" --version)" "$prefix"
if [ -z "$service" ]; then
  printf 'To run it: %s/bin/%s --config.file=%s/etc/rig.yml\n' "$prefix" $name "$prefix"
  exit
fi

# --- Service
for group in render video; do
  grep -qs "^$group:" /etc/group || getent group $group >/dev/null || groupadd --system $group
done
new_unit=''
[ -e "$units/$name.service" ] || new_unit=1
mkdir -p $units
# The libc is newer than an old systemd, whose groups of system calls lack some that it uses first, such as clone3: after
# ENOSYS it uses the older ones, after EPERM it fails.
sed "s,^SystemCallErrorNumber=.*,SystemCallErrorNumber=ENOSYS,
     s,^ExecStart=$name ,ExecStart=$prefix/bin/$name --config.file=$prefix/etc/rig.yml ,
     s,/etc/default/$name,$prefix/etc/environment," \
  "$prefix/share/systemd/$name.service" >"$units/$name.service"
cp "$prefix/share/systemd/$name.socket" "$units/$name.socket"
systemctl daemon-reload
if [ -n "$new_unit" ]; then
  systemctl --quiet enable $name.service
  systemctl start $name.service || die "the service does not start; see systemctl status $name"
elif systemctl --quiet is-active $name.service; then
  systemctl restart $name.service || die "the service does not start; see systemctl status $name"
fi
printf 'Settings:  %s/etc/rig.yml; systemctl reload %s\n' "$prefix" $name
printf 'Metrics:   http://localhost:10068/metrics\n'
