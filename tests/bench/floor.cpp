// The cost of what a scrape asks the kernel for, in three ways: by path, below directories that are
// kept open, and through descriptors that are kept open.
//   scrape_floor ROUNDS
// Standard input has a word and a path per line: read FILE, list DIRECTORY, link, stat, lstat or
// statfs PATH, or absent PATH for what is looked for in vain. Prints the CPU time of each way in
// nanoseconds, a line per round.
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace {

struct Item {
  std::string path;
  std::string name;     // in its directory
  int directory = -1;   // kept open
  int kept = -1;        // the file, directory or link itself, kept open
  bool to_end = false;  // whether a read that is shorter than the buffer may not be the last one
};

// Processes an item: by path, below its directory, or through its descriptor.
struct Ways {
  void (*by_path)(const Item&);
  void (*below)(const Item&);
  void (*kept)(const Item&);
  int flags;  // with which it is kept open
};

struct Step {
  Item item;
  const Ways* ways;
};

std::array<char, 1 << 16> buffer;

bool is_last(ssize_t length, bool to_end) {
  return to_end ? length <= 0 : length < static_cast<ssize_t>(buffer.size());
}

void read_at(int directory, const std::string& path, bool to_end) {
  const int file = openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC);
  while (!is_last(read(file, buffer.data(), buffer.size()), to_end)) {
  }
  close(file);
}

void read_kept(const Item& item) {
  off_t offset = 0;
  for (;;) {
    const ssize_t length = pread(item.kept, buffer.data(), buffer.size(), offset);
    if (is_last(length, item.to_end)) return;
    offset += length;
  }
}

void list(int directory) {
  while (getdents64(directory, buffer.data(), buffer.size()) > 0) {
  }
}

void list_at(int above, const std::string& path) {
  const int directory = openat(above, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  list(directory);
  close(directory);
}

void link_at(int directory, const char* path) {
  // The result does not matter: a program that resolves a path also asks for what is no link.
  [[maybe_unused]] const ssize_t ignored =
      readlinkat(directory, path, buffer.data(), buffer.size());
}

void stat_at(int directory, const std::string& path, int flags = 0) {
  struct stat status {};
  fstatat(directory, path.c_str(), &status, flags);
}

void stat_kept(const Item& item) { stat_at(item.kept, "", AT_EMPTY_PATH); }

void statfs_of(const std::string& path) {
  struct statfs status {};
  statfs(path.c_str(), &status);
}

const std::map<std::string, Ways> kWays{
    {"read",
     {[](const Item& item) { read_at(AT_FDCWD, item.path, item.to_end); },
      [](const Item& item) { read_at(item.directory, item.name, item.to_end); }, read_kept,
      O_RDONLY}},
    {"list",
     {[](const Item& item) { list_at(AT_FDCWD, item.path); },
      [](const Item& item) { list_at(item.directory, item.name); },
      [](const Item& item) {
        lseek(item.kept, 0, SEEK_SET);
        list(item.kept);
      },
      O_RDONLY | O_DIRECTORY}},
    {"link",
     {[](const Item& item) { link_at(AT_FDCWD, item.path.c_str()); },
      [](const Item& item) { link_at(item.directory, item.name.c_str()); },
      [](const Item& item) { link_at(item.kept, ""); }, O_PATH | O_NOFOLLOW}},
    {"stat",
     {[](const Item& item) { stat_at(AT_FDCWD, item.path); },
      [](const Item& item) { stat_at(item.directory, item.name); }, stat_kept, O_PATH}},
    {"lstat",
     {[](const Item& item) { stat_at(AT_FDCWD, item.path, AT_SYMLINK_NOFOLLOW); },
      [](const Item& item) { stat_at(item.directory, item.name, AT_SYMLINK_NOFOLLOW); }, stat_kept,
      O_PATH | O_NOFOLLOW}},
    {"statfs",
     {[](const Item& item) { statfs_of(item.path); },
      [](const Item& item) { statfs_of(item.path); },
      [](const Item& item) {
        struct statfs status {};
        fstatfs(item.kept, &status);
      },
      O_PATH}},
    // There is no descriptor of what does not exist.
    {"absent",
     {[](const Item& item) { stat_at(AT_FDCWD, item.path); },
      [](const Item& item) { stat_at(item.directory, item.name); }, [](const Item&) {}, -1}},
};

[[noreturn]] void fail(const std::string& path) {
  std::perror(path.c_str());
  std::exit(1);
}

int open_or_fail(const std::string& path, int flags) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) fail(path);
  return descriptor;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
}

// Reading a file of procfs to its end takes a read that returns nothing; an attribute of sysfs is
// complete after the first one.
bool is_in_procfs(int descriptor) {
  struct statfs filesystem {};
  return fstatfs(descriptor, &filesystem) == 0 && filesystem.f_type == PROC_SUPER_MAGIC;
}

std::vector<Step> read_steps() {
  std::vector<Step> steps;
  std::map<std::string, int> directories;
  std::string word;
  for (std::string path; std::cin >> word >> std::ws && std::getline(std::cin, path);) {
    const Ways& ways = kWays.at(word);
    const auto slash = path.rfind('/');
    const std::string above = path.substr(0, slash + 1);
    // What is absent may be in a directory that is absent.
    if (!directories.contains(above)) directories[above] = open(above.c_str(), O_PATH | O_CLOEXEC);
    Item item{.path = path, .name = path.substr(slash + 1), .directory = directories[above]};
    if (item.name.empty()) item.name = ".";
    if (ways.flags >= 0) item.kept = open_or_fail(path, ways.flags);
    item.to_end = is_in_procfs(item.kept);
    steps.push_back({item, &ways});
  }
  return steps;
}

std::int64_t cpu_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::int64_t cost(const std::vector<Step>& steps, void (*Ways::*way)(const Item&)) {
  const std::int64_t before = cpu_nanoseconds();
  for (const Step& step : steps) (step.ways->*way)(step.item);
  return cpu_nanoseconds() - before;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "scrape_floor ROUNDS <FILE\n";
    return 2;
  }
  raise_descriptor_limit();
  const std::vector<Step> steps = read_steps();
  for (int round = std::atoi(arguments[1]); round > 0; --round) {
    const std::int64_t by_path = cost(steps, &Ways::by_path);
    const std::int64_t below = cost(steps, &Ways::below);
    std::cout << by_path << ' ' << below << ' ' << cost(steps, &Ways::kept) << '\n';
  }
}
