// Runs a program of the tarball with the dynamic loader and the libraries of the tarball, wherever
// that has been unpacked: ROOT/bin/NAME runs ROOT/libexec/NAME/NAME.
//
// A program names its loader by an absolute path, which is not known before the tarball is
// unpacked. Those of the tarball name /proc/self/fd/RIG_LOADER_DESCRIPTOR, and this program opens
// the loader as that descriptor. Unlike a program that is an argument of the loader, one that is
// executed this way has its own name in /proc/PID/comm and its own path in /proc/PID/exe, by which
// it finds its modules. See docs/adr/0014-tarball-with-its-loader.md.
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

constexpr int kFailed = 127;  // as of a shell that cannot run a program

int fail(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  return kFailed;
}

// Closed when the program has been executed, for which the kernel has then read the loader.
bool open_as(int descriptor, const std::string& file) {
  const int opened = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return false;
  if (opened == descriptor) return true;
  const bool moved = dup3(opened, descriptor, O_CLOEXEC) == descriptor;
  close(opened);
  return moved;
}

}  // namespace

int main(int /*count*/, char* arguments[]) {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  if (length < 0) return fail("/proc/self/exe");
  const std::string launcher(path, static_cast<std::size_t>(length));
  const auto name_at = launcher.rfind('/') + 1;
  const std::string name = launcher.substr(name_at);
  const std::string root = launcher.substr(0, launcher.rfind('/', name_at - 2));
  const std::string loader = root + "/lib/" RIG_LOADER;
  const std::string program = root + "/libexec/" + name + '/' + name;
  if (!open_as(RIG_LOADER_DESCRIPTOR, loader)) return fail(loader);
  execv(program.c_str(), arguments);
  return fail(program);
}
