#!/bin/sh
# Starts systemd as process 1 of the namespaces that it is called in, on a copy of this machine's files: what it writes is
# kept in memory and is gone at the end. It starts nothing of this machine.
#
#   unshare --mount --pid --fork --cgroup --ipc --uts systemd_namespace.sh DIRECTORY EXPORTER PROBE MODULE UNIT...
set -eu
directory=$1 exporter=$2 probe=$3 module=$4
shift 4
mount --make-rprivate /
mount -t tmpfs tmpfs "$directory"
mkdir "$directory/upper" "$directory/work" "$directory/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$directory/upper,workdir=$directory/work" "$directory/root"
root=$directory/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
# RemoveIPC=yes searches it.
mount -t tmpfs tmpfs "$root/dev/shm"
mount --rbind /sys "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
umount -l "$root/sys/fs/cgroup"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
  mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
  mkdir "$root/sys/fs/cgroup/systemd"
  mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
fi
mkdir -p "$root/usr/local/bin" "$root/etc/systemd/system"
cp "$exporter" "$probe" "$module" "$root/usr/local/bin"
cp "$@" "$root/etc/systemd/system"
printf '[Unit]\nDefaultDependencies=no\n' >"$root/etc/systemd/system/test.target"
cd "$root"
exec chroot . env container=test /lib/systemd/systemd --system --unit=test.target --log-target=console --show-status=no
