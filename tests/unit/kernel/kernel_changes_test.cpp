#include "kernel/kernel_changes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "rig/kernel/unique_fd.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

using Use = WatchedDirectory::Use;

// Stands for a file of procfs that poll(2) reports: data in a FIFO is an event.
struct PolledFifo {
  PolledFifo() : path(directory.make_fifo("mdstat")), writer(open(path.c_str(), O_RDWR)) {}
  void report() const { REQUIRE(write(writer.get(), "x", 1) == 1); }
  void clear() const {
    char byte = 0;
    REQUIRE(read(writer.get(), &byte, 1) == 1);
  }
  std::unique_ptr<PolledFile> source() const {
    return std::make_unique<PolledFile>(path, "", POLLIN);
  }
  TemporaryDirectory directory;
  std::filesystem::path path;
  UniqueFd writer;
};

// Never reports a change.
class Unchanging : public ChangeSource {
 public:
  bool has_changed() override { return false; }
};

struct CopiedUevents {
  CopiedUevents() { set("100\n"); }
  void set(std::string_view text) const { sys.write("kernel/uevent_seqnum", text); }
  KernelSysfs source() const { return {sys.path(), std::make_unique<Unchanging>()}; }
  TemporaryDirectory sys;
};

}  // namespace

TEST_CASE("A polled file has changed when it is opened, and then when poll says so") {
  const PolledFifo fifo;
  const auto source = fifo.source();
  CHECK(source->has_changed());
  CHECK_FALSE(source->has_changed());
  fifo.report();
  CHECK(source->has_changed());
  CHECK(source->has_changed());  // opened anew, it still reports
  fifo.clear();
  CHECK_FALSE(source->has_changed());
}

TEST_CASE("A polled file that is gone has changed, and so have its successors") {
  PolledFifo fifo;
  const auto source = fifo.source();
  CHECK(source->has_changed());
  std::filesystem::remove(fifo.path);
  fifo.writer.reset();
  CHECK(source->has_changed());  // POLLHUP
  CHECK(source->has_changed());  // it cannot be opened
  fifo.directory.write("mdstat", "");
  CHECK(source->has_changed());
}

TEST_CASE("A file of procfs that can be written is none that reports changes") {
  const TemporaryDirectory proc;
  PolledFile regular(proc.write("mdstat", ""));  // poll(2) says POLLOUT
  CHECK(regular.has_changed());
  CHECK(regular.has_changed());
}

TEST_CASE("Without mdstat nothing has changed if there is no md, and anything may if there is") {
  const TemporaryDirectory machine;
  const auto mdstat = (machine.path() / "mdstat").string();
  const auto md = (machine.path() / "module/md_mod").string();
  PolledFile source(mdstat, md);
  CHECK_FALSE(source.has_changed());
  std::filesystem::create_directories(md);
  CHECK(source.has_changed());
  CHECK(source.has_changed());
  CHECK(PolledFile(mdstat, "").has_changed());
}

TEST_CASE("Mounts of this process report nothing while there are none") {
  PolledFile mounts("/proc/self/mounts");
  if (access("/proc/self/mounts", R_OK) != 0) {
    WARN("not tested: there is no /proc");
    return;
  }
  CHECK(mounts.has_changed());
  // Another program of this machine may mount something at any time.
  bool quiet = false;
  for (int attempt = 0; attempt < 100 && !quiet; ++attempt) quiet = !mounts.has_changed();
  CHECK(quiet);
}

TEST_CASE("sysfs has changed when there was a uevent, and when asked for the first time") {
  const CopiedUevents uevents;
  auto source = uevents.source();
  CHECK(source.has_changed());
  CHECK_FALSE(source.has_changed());
  uevents.set("101\n");
  CHECK(source.has_changed());
  CHECK_FALSE(source.has_changed());
  uevents.set("18446744073709551615\n");
  CHECK(source.has_changed());
  CHECK_FALSE(source.has_changed());
}

TEST_CASE("If uevents cannot be counted, sysfs may always have changed") {
  const CopiedUevents uevents;
  auto source = uevents.source();
  CHECK(source.has_changed());
  for (const char* text : {"", "many\n", "-1\n", "18446744073709551616\n"}) {
    uevents.set(text);
    CHECK(source.has_changed());
    CHECK(source.has_changed());
  }
  const TemporaryDirectory empty;
  KernelSysfs without(empty.path(), std::make_unique<Unchanging>());
  CHECK(without.has_changed());
  CHECK(without.has_changed());
}

TEST_CASE("sysfs has changed when md says so") {
  const CopiedUevents uevents;
  const PolledFifo mdstat;
  KernelSysfs source(uevents.sys.path(), mdstat.source());
  CHECK(source.has_changed());
  CHECK_FALSE(source.has_changed());
  mdstat.report();
  CHECK(source.has_changed());
  mdstat.clear();
  CHECK_FALSE(source.has_changed());
}

TEST_CASE("Other filesystems that are mounted in sysfs are not watched") {
  const CopiedUevents uevents;
  auto source = uevents.source();
  CHECK_FALSE(source.watch(uevents.sys.path() / "kernel", Use::list));
  CHECK_FALSE(source.watch(uevents.sys.path() / "missing/file", Use::look_up));
  CHECK_FALSE(source.watch("missing", Use::look_up));
}

TEST_CASE("The kernel's sysfs is watched, except where changes are not reported") {
  if (access("/sys/kernel/uevent_seqnum", R_OK) != 0) {
    WARN("not tested: this machine has no sysfs");
    return;
  }
  KernelSysfs source("/sys", std::make_unique<Unchanging>());
  CHECK(source.watch("/sys/kernel", Use::list));
  CHECK(source.watch("/sys/kernel/missing/directory/file", Use::look_up));
  CHECK_FALSE(source.watch("/proc/self", Use::list));
  CHECK_FALSE(source.watch("/sys/devices/virtual/block/dm-0/slaves", Use::list));
  CHECK_FALSE(source.watch("/sys/devices/virtual/block/md0/md/llbitmap/bits", Use::look_up));
  CHECK_FALSE(source.watch("/sys/class/kfd/kfd/proc", Use::list));
  CHECK_FALSE(source.watch("/sys/devices/virtual/block/md0/md", Use::list));
  CHECK_FALSE(source.watch("/sys/block/md0/slaves", Use::list));
  CHECK(source.watch("/sys/devices/virtual/block/md0/md/uuid", Use::look_up));
  CHECK(source.watch("/sys/block/sda/slaves", Use::list));
}
